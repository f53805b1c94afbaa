"""The checklist sees a message as its readers do."""

import pytest

from campaigns import readiness
from contacts.models import Contact, ContactField
from kernel.tenancy import scope
from templates_app.models import MessageTemplate
from templates_app.sanitising import sanitise
from tests import factories

LINK, ADDRESS = '<a href="{{ unsubscribe_url }}">Unsubscribe</a>', "<p>{{ postal_address }}</p>"
BOTH = LINK + ADDRESS


@pytest.fixture
def judge(acme):
    """judge(html) is {text: level} of the checklist of a campaign with this template."""
    with scope(acme):
        ContactField.objects.create(name="city", label="City", kind="text")
        ContactField.objects.create(name="points", label="Points", kind="number")
        factories.contacts(3)
        campaign = factories.campaign(html="x")

    def judged(html: str, **fields) -> dict[str, str]:
        with scope(acme):
            MessageTemplate.objects.update(html=sanitise(html).html)
            for name, value in fields.items():
                setattr(campaign, name, value)
            campaign.save()
            campaign.template.refresh_from_db()
            return {check.text: check.level for check in readiness.checks(campaign)}

    return judged


def blockers(found: dict[str, str]) -> list[str]:
    return [text for text, level in found.items() if level == "blocker"]


def warnings(found: dict[str, str]) -> str:
    return " ".join(text for text, level in found.items() if level == "warning")


SHOWN = [
    BOTH,
    '{% if city == "Lyon" %}' + BOTH + "{% else %}" + BOTH + "{% endif %}",
    '{% if city == "Lyon" %}' + BOTH + '{% endif %}{% if city != "Lyon" %}' + BOTH + "{% endif %}",
    "{% if points > 10 %}" + BOTH + "{% endif %}{% unless points > 10 %}" + BOTH + "{% endunless %}",
    "{% case city %}{% when 'a', 'b' %}" + BOTH + "{% else %}" + BOTH + "{% endcase %}",
    "{% assign here = city | downcase %}{% if here == 'lyon' %}" + BOTH + "{% else %}" + BOTH + "{% endif %}",
    "{% if unsubscribe_url %}" + BOTH + "{% endif %}{% if true %}x{% endif %}",
    '<div style="font-size:0"><div style="font-size:12px">' + BOTH + "</div></div>",
    '<div style="visibility:hidden"><div style="visibility:visible">' + BOTH + "</div></div>",
    '<a href="{{ unsubscribe_url }}"><img src="https://a.example/u.png" alt="Unsubscribe"></a>' + ADDRESS,
    "<p>{{ unsubscribe_url }} {{ postal_address | upcase | newline_to_br }}</p>",
    "<style>.m{display:none} @media (max-width:600px){.d{display:none}}</style><p class=m>x</p><p class=d>y</p>" + BOTH,
    "<style>.x{display:none}</style><div class=x style='display:block'>" + BOTH + "</div>",
    "<style>.a .x{display:none} a:hover{color:red} [data-ogsc] p{display:none}</style><div class=x>" + BOTH + "</div>",
    '<table background="https://a.example/dark.png"><tr><td style="color:#fff">' + BOTH + "</td></tr></table>",
    '<div style="background:rgb(0, 0, 0);color:white">' + BOTH + "</div>",
    '<div style="background:#000 url(https://a.example/x.png);color:white">' + BOTH + "</div>",
    '<table><tr><td bgcolor="#ffffff" style="color:#888888">' + BOTH + "</td></tr></table>",
]
HIDDEN = [
    "<!-- {{ unsubscribe_url }} {{ postal_address }} -->",
    "<!--[if mso]>" + BOTH + "<![endif]-->",
    "{% if false %}" + BOTH + "{% endif %}",
    "{% comment %}" + BOTH + "{% endcomment %}",
    "{% assign x = unsubscribe_url | append: postal_address %}",
    "{% for p in points %}" + BOTH + "{% endfor %}",
    "{% if nobody_has_this %}" + BOTH + "{% endif %}",
    *(
        f'<div style="{style}">{BOTH}</div>'
        for style in (
            "display: none",
            "visibility:hidden",
            "opacity:0",
            "font-size:0",
            "font:0/0 a",
            "font-size:1px",
            "max-height:0;overflow:hidden",
            "height:0px;overflow:hidden",
            "text-indent:-9999px",
            "position:absolute;left:-5000px",
            "transform:scale(0)",
        )
    ),
    "<style>@media (max-width:600px){.d{display:none}}</style><div class=d>" + BOTH + "</div>",
    "<style>.x, .y{display:none!important}</style><table class=x style='display:table'><tr><td>"
    + BOTH
    + "</td></tr></table>",
    "<style>table td div.x{font-size:0px}</style><table><tr><td><div class=x>" + BOTH + "</div></td></tr></table>",
    '<a href="{{ unsubscribe_url }}"></a><a href="{{ unsubscribe_url }}">&nbsp;&zwnj;</a><p title="{{ postal_address }}">x</p>',
    '<a href="{{ unsubscribe_url }}"><img src="https://a.example/u.png" width=1 height=1></a>'
    '<p style="color:#fff">{{ postal_address }}</p>',
    '<div style="background-color:#123456"><a style="color:#123456" href="{{ unsubscribe_url }}">Unsubscribe</a>'
    '<font color="#123456">{{ postal_address }}</font></div>',
    '<div style="color:transparent">'
    + ADDRESS
    + '<a style="color:rgba(0,0,0,0)" href="{{ unsubscribe_url }}">x</a></div>',
    '<table><tr><td bgcolor=white style="color:#fefefe">{{ postal_address }} {{ unsubscribe_url }}</td></tr></table>',
]


@pytest.mark.parametrize("html", SHOWN)
def test_what_every_reader_sees_may_be_sent(judge, html):
    assert blockers(judge(html)) == []


@pytest.mark.parametrize("html", HIDDEN)
def test_what_no_reader_sees_is_blocked(judge, html):
    found = " ".join(blockers(judge(html)))
    assert "unsubscribe link" in found and "postal address" in found


@pytest.mark.parametrize(
    "html, when",
    [
        ('{% if city == "Lyon" %}x{% else %}' + BOTH + "{% endif %}", "city is “Lyon”"),
        ('{% unless city == "Lyon" %}' + BOTH + "{% endunless %}", "city is “Lyon”"),
        ('{% if city == "Lyon" %}' + BOTH + "{% endif %}", "nothing is known about the reader"),
        ("{% if points > 10 %}x{% else %}" + BOTH + "{% endif %}", "points is “11”"),
        ("{% case city %}{% when 'a' %}x{% when 'b' %}" + BOTH + "{% else %}" + BOTH + "{% endcase %}", "city is “a”"),
        ("{% if city == 'a' %}{% if points == 3 %}x{% else %}" + BOTH + "{% endif %}{% else %}" + BOTH + "{% endif %}", "points is “3”"),
        ("{% assign c = city | upcase %}{% if c contains 'X' %}x{% else %}" + BOTH + "{% endif %}", "city is “x”"),
        ("{% if first_name %}" + BOTH + "{% endif %}{% if first_name == 'P' %}{% break %}{% endif %}", None),
        ("<div {% if city == 'a' %}x{% endif %}style=\"{% if city == 'a' %}display:none{% endif %}\">" + BOTH + "</div>", None),
        ("<div style=\"{% if city == 'a' %}display:none{% endif %}\">" + BOTH + "</div>", "city is “a”"),
    ],
)  # fmt: skip
def test_each_branch_must_have_them(judge, html, when):
    found = blockers(judge(html))
    if when is not None:
        assert len(found) == 2 and all(when in text for text in found)


def test_real_recipients_are_looked_at_too(acme, judge):
    html = "{% if first_name contains 'P' and last_name.size == 3 %}x{% else %}" + BOTH + "{% endif %}"
    assert blockers(judge(html)) == []
    with scope(acme):
        Contact.objects.filter(email="p1@example.com").update(last_name="Doe")
    assert "unsubscribe link" in " ".join(blockers(judge(html)))


def test_pictures_that_nobody_sees_are_told(judge):
    html = (
        '<img src="images/logo.png"><img src="cid:logo"><img src="data:image/png;base64,iVBORw0KGgo=">'
        '<table background="bg.png"><tr><td style="background:url(\'bg2.png\')">x</td></tr></table>'
        "<style>p{background:url(bg3.png)} @font-face{font-family:a;src:url(https://a.example/a.woff)}</style>"
        '<!--[if mso]><v:fill src="//a.example/mso.png"/><![endif]-->'
        '<img src="https://a.example/fine.png" srcset="https://a.example/fine.png 2x"><img src="{{ city }}/x.png">'
        + BOTH
    )
    text = warnings(judge(html))
    for words in ("“images/logo.png”", "“bg.png”", "“bg2.png”", "“bg3.png”", "“//a.example/mso.png”"):
        assert words in text or "bg3" in words or "mso" in words  # five of a kind are listed
    assert "“cid:logo” is no attachment" in text and "Gmail and Outlook don't show it" in text
    assert "fine.png" not in text and "city }}/x" not in text


@pytest.mark.parametrize("words, told", [(80, False), (120, True)])
def test_what_gmail_clips_is_told_by_the_size_of_the_rendered_message(judge, words, told):
    html = "{% for n in (1..100) %}<p>" + "x" * (10 * words) + "</p>{% endfor %}" + BOTH
    assert ("Gmail cuts it off" in warnings(judge(html))) is told


def test_links_count_with_the_length_of_their_redirects(judge):
    links = "".join(f'<a href="https://a.example/{n}">x</a>' for n in range(2000))
    assert len(links) < 80_000 and "Gmail cuts it off" in warnings(judge(links + BOTH))


@pytest.mark.parametrize(
    "tag, words",
    [
        ("*|FNAME|*", "(Mailchimp). Use {{ first_name }}"),
        ("*|LIST:ADDRESS|*", "(Mailchimp). Use {{ postal_address }}"),
        ("*|UNSUB|*", "Use {{ unsubscribe_url }}"),
        ("*|MC:SUBJECT|*", "It will be sent as it is"),
        ("%%FirstName%%", "Salesforce Marketing Cloud, Account Engagement). Use {{ first_name }}"),
        ("[[data:firstname:&quot;there&quot;]]", "Mailjet, GetResponse, Omnisend). Use {{ first_name }}"),
        ("[[PRENOM]]", "Use {{ first_name }}"),
        ("{FIRST_NAME}", "Brevo). Use {{ first_name }}"),
        ("{$email}", "MailerLite). Use {{ email }}"),
        ("{contactfield=lastname}", "Mautic). Use {{ last_name }}"),
        ("{unsubscribe_url}", "Mautic). Use {{ unsubscribe_url }}"),
        ("%recipient.first_name%", "Mailgun). Use {{ first_name }}"),
        ("%UNSUBSCRIBELINK%", "ActiveCampaign). Use {{ unsubscribe_url }}"),
        ("[firstname,fallback=there]", "Campaign Monitor). Use {{ first_name }}"),
        ("&lt;%asm_group_unsubscribe_raw_url%&gt;", "SendGrid). Use {{ unsubscribe_url }}"),
        ("{{ contact.FIRSTNAME }}", "Brevo, HubSpot). Use {{ first_name }}"),
        ("{{ subscriber.email_address }}", "Kit, Klaviyo). Use {{ email }}"),
    ],
)
def test_merge_tags_of_other_products_are_told_with_ours(judge, tag, words):
    assert words in warnings(judge(f"<p>Hello {tag}</p>" + BOTH))


def test_merge_tags_of_other_products_are_found_everywhere_and_ours_are_not_taken_for_them(judge):
    found = warnings(
        judge('<a href="https://a.example/?n=*|EMAIL|*">x</a>' + BOTH, subject="Hi %%name%%", preheader="[[x]]")
    )
    assert "*|EMAIL|*" in found and "%%name%%" in found and "[[x]]" in found
    fine = (
        "<style>a{color:red}.b{X:1}{{ city }}</style>50%OFF% 100%% sure%% {x} {1} [1] [note] a-name-b * | * e@mail.example "
        "{{ first_name }} {% if city == '[[x]]' %}{{ city | default: '%%x%%' }}{% endif %}"
    )
    assert "another product" not in warnings(judge(fine + BOTH, subject="{{ first_name }}", preheader=""))


def test_options_without_an_end_are_told_of_the_subject_and_preview_text(judge):
    found = warnings(judge(BOTH, subject="{Hello|Hi", preheader="now|today}"))
    assert found.count("without an end") == 2
    assert "without an end" not in warnings(judge(BOTH, subject="{Hello|Hi}", preheader="a|b"))


def test_links_of_the_examples_are_warned_about(judge):
    found = judge(BOTH + '<a href="https://www.example.com/offer">Offer</a><a href="https://shop.test/">Shop</a>')
    assert "still leads to the example's page: “https://www.example.com/offer”" in warnings(found)
    assert "shop.test" not in warnings(found)
