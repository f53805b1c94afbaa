"""What a merchant is told while writing: each mistake, each tag that is empty or of another product, with its line."""

import email
import email.policy
import re
import time

import pytest
from django.utils import translation

from contacts.models import Contact, ContactField
from contacts.people import missing_values
from contacts.people.missing_values import Missing
from delivery.channels.email.composing import Composer, Content
from kernel.tenancy import scope
from templates_app.reading.findings import Known, findings
from tests.factories import contacts

KNOWN = Known(
    always=frozenset({"email", "unsubscribe_url"}),
    of_people=frozenset({"first_name", "last_name", "city"}),
    missing=lambda names: Missing(1200, {"first_name": 312, "city": 0}, is_sample=False),
)


def told(source: str, part: str = "html") -> list[tuple[int, str]]:
    return [(found.line, found.text) for found in findings({part: source}, KNOWN)]


@pytest.mark.parametrize(
    "source, line, words",
    [
        ("a\n{{ fist_name }}", 2, "There is no merge tag “fist_name”. Did you mean “first_name”?"),
        ("{{ horoscope.today }}", 1, "There is no merge tag “horoscope”: it will be empty."),
        ("\n\nHi {{ first_name }}", 3, "“first_name” is empty for 312 of 1,200 contacts. Add a fallback."),
        ("{% if city %}x{% else %}{{ first_name }}{% endif %}", 1, "is empty for 312"),
        ("{% unless first_name %}{{ first_name | upcase }}{% endunless %}", 1, "is empty for 312"),
        ("a\n{% if x %}", 2, "“{% if x %}” has no end."),
        ("\n{{ city | upcse }}", 2, "There is no filter “upcse”. Did you mean “upcase”?"),
        ("x\n{{ city", 2, "This merge tag has no end."),
        ("*|FNAME|*", 1, "“*|FNAME|*” is a merge tag of Mailchimp. Here it is {{ first_name }}."),
    ],
)
def test_each_is_told_with_its_line(source, line, words):
    ((found, text),) = told(source)
    assert found == line and words in text
    with translation.override("fr"):
        assert words not in told(source)[0][1]


@pytest.mark.parametrize(
    "source",
    [
        "{{ city }} {{ email }} {{ unsubscribe_url }}",
        '{{ first_name | default: "there" }}',
        "{% if first_name %}{{ first_name }}{% endif %}",
        "{% if city == 'x' %}a{% elsif first_name %}{{ first_name }}{% endif %}",
        "{% unless first_name %}a{% else %}{{ first_name }}{% endunless %}",
        "{% for i in (1..3) %}{{ i }}{{ forloop.index }}{% endfor %}{% assign a = city %}{{ a }}",
        "{Hello|Hi} <style>p {color: red}</style>",
    ],
)
def test_what_is_right_is_not_told(source):
    assert told(source) == []


def test_all_mistakes_are_told_at_once_by_place():
    found = told("{{ a b }}\n{% fro x %}\n{% if city %}\n{{ city | default: “x” }}")
    assert [line for line, _ in found] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "theirs, ours",
    [
        ("*|LNAME|*", "{{ last_name }}"),
        ("*|CITY|*", "{{ city }}"),
        ("{{contact.FIRSTNAME}}", "{{ first_name }}"),
        ("{{ contact.FIRSTNAME | default : 'you' }}", '{{ first_name | default: "you" }}'),
        ("%FIRSTNAME%", "{{ first_name }}"),
        ("[firstname]", "{{ first_name }}"),
        ("[firstname,fallback=you]", '{{ first_name | default: "you" }}'),
        ("{contactfield=firstname|you}", '{{ first_name | default: "you" }}'),
        ("*|UNSUB|*", "{{ unsubscribe_url }}"),
        ('[[data:firstname:"you"]]', "{{ first_name }}"),
    ],
)
def test_a_tag_of_another_product_can_be_replaced(theirs, ours):
    (found,) = [found for found in findings({"html": f"<p>x {theirs} y</p>"}, KNOWN) if found.old]
    assert (found.old, found.new) == (theirs, ours)


COSTLY = [
    *("{" * 100_000, "[firstname,fallback=" * 20_000, "<style>" * 30_000, "<!--" * 50_000, "{!a" * 60_000),
    *("*|A|*" * 50_000, "{{ a }}" * 2900, "{{ a b }}" * 2900, "{contactfield=a" * 20_000, "{% if a %}" * 2900),
]


@pytest.mark.parametrize("source", COSTLY, ids=lambda source: source[:8])
def test_looking_takes_time_by_length_only(source):
    began = time.process_time()
    findings({"html": source}, KNOWN)
    assert time.process_time() - began < 4


def test_the_page_tells_it_of_the_workspaces_own_contacts(acme, beta, bob, rita, as_user):
    with scope(beta):
        ContactField.objects.create(name="secret_field", label="S")
        contacts(5)
    with scope(acme):
        ContactField.objects.create(name="city", label="City")
        contacts(2, first_name="Zoé", attributes={"city": "Lyon"})
        Contact.objects.create(email="m@b.example", last_name="M", attributes={"city": ""})
        assert missing_values.count(["first_name", "city", "full_name", "phone"]) == Missing(
            3, {"first_name": 1, "city": 1, "full_name": 0, "phone": 3}, is_sample=False
        )
    written = {
        "html": "<p>{{ first_name }}\n{{ city }} {{ secret_field }}\n*|FNAME|* <b onclick=x>",
        "text": "{% if x %}",
    }
    page = as_user(bob).post("/w/acme/templates/check/", written).content.decode()
    assert "“first_name” is empty for 1 of 3 contacts" in page and "“city” is empty for 1 of 3" in page
    assert "There is no merge tag “secret_field”" in page and "Plain text, line 1" in page
    assert 'data-old="*|FNAME|*"' in page and "onclick=x" not in page
    assert as_user(rita).post("/w/acme/templates/check/", written).status_code in (403, 404), "she only views"
    assert "too long" in as_user(bob).post("/w/acme/templates/check/", {"html": "x" * 500_001}).content.decode()


def test_a_sample_is_called_one(acme, monkeypatch):
    monkeypatch.setattr(missing_values, "SAMPLE", 2)
    with scope(acme):
        contacts(3, first_name="")
        assert missing_values.count(["first_name"]).is_sample
        assert Contact.objects.count() == 3


def test_a_message_says_the_same_each_time_it_is_made():
    """Sent, sent again, and shown in the browser: one wording, also in the subject, preheader and text part."""
    words = "{Hello|Hi|Hey} {a|b|c}"
    content = Content(
        subject=words, preheader=words, html=f"<p>{words} {{{{ d | date: '%B' }}}}</p>", text=words, from_name="A",
        from_email="a@shop.example", locale={"language": "fr", "time_zone": "Europe/Paris", "currency": "EUR"},
    )  # fmt: skip
    person = {"d": "2026-03-12"}
    seen = set()
    for contact in range(1, 30):
        sent, again = (
            Composer(3, batch, content.prepared(is_tracked=tracked)).compose(contact, "a@b.example", person)
            for batch, tracked in ((5, True), (6, False))
        )
        copy = Composer(3, 5, content.prepared(is_tracked=True)).html(contact, person)
        assert sent.subject == again.subject and sent.subject in copy.partition("<p>")[2]
        assert re.search("(Hello|Hi|Hey) [abc]&zwnj;", copy), "the preheader has words of its own"
        message = email.message_from_bytes(sent.source, policy=email.policy.default)
        assert message.get_body(("plain",)).get_content().strip() == sent.subject
        assert "mars" in copy and b"mars" in sent.source
        seen.add(sent.subject)
    assert len(seen) > 5
    english = Composer(3, 5, content).html(1, person | {"\0language": "en"})
    assert "March" in english, "the person's language comes first"
