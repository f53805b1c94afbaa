"""The bytes of a message, read back by the standard library's parser."""

import email
import email.policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery import tracking
from delivery.channels.email import composing
from delivery.channels.email.composing import Composer, Content
from kernel.links import BadToken

CONTENT = Content(
    subject="Été: {{ first_name }}",
    html='<html><body><p>Bonjour {{ first_name }} — {{ note }}</p><a href="{{ unsubscribe_url }}">x</a></body></html>',
    text="Bonjour {{ first_name }}\n.\n.. {{ note }}\n",
    from_name="Café “Ana”, Lyon",
    from_email="news@exämple.com",
    reply_to="reply@example.com",
    postal_address="1 rue Neuve",
    list_name="Café",
)


def read(outgoing):
    return email.message_from_bytes(outgoing.source, policy=email.policy.default)


def test_headers_and_parts_come_back_as_written():
    outgoing = Composer(3, 5, CONTENT).compose(
        7, "zo@exämple.com", {"first_name": "Zoé", "full_name": "Zoé É", "note": "<b>&"}
    )
    message = read(outgoing)
    assert message["Subject"] == "Été: Zoé"
    assert message["From"].addresses[0].display_name == "Café “Ana”, Lyon"
    assert message["From"].addresses[0].addr_spec == "news@xn--exmple-cua.com" == outgoing.sender
    assert message["To"].addresses[0].addr_spec == "zo@xn--exmple-cua.com" == outgoing.recipient
    assert message["Reply-To"] == "reply@example.com"
    assert message["Date"].datetime and message["Message-ID"].startswith("<")
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n") == "Bonjour Zoé\n.\n.. <b>&\n"
    assert "Bonjour Zoé — &lt;b&gt;&amp;" in message.get_body(("html",)).get_content()
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_marketing_carries_one_click_unsubscribe_and_a_service_mail_does_not():
    message = read(Composer(3, 5, CONTENT).compose(7, "a@example.com", {}))
    token = message["List-Unsubscribe"].strip("<>").rstrip("/").rpartition("/")[2]
    assert tracking.read("message", token) == (3, 5, 7)
    assert message["List-Unsubscribe"].strip("<>") in message.get_body(("html",)).get_content()
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"].endswith("<w3.xn--exmple-cua.com>")
    service = read(Composer(3, 5, CONTENT, unsubscribable=False).compose(7, "a@example.com", {}))
    assert service["List-Unsubscribe"] is None


@pytest.mark.parametrize(
    "evil", ["x\r\nBcc: all@example.com", "x\nBcc: y@z.example", "x\r\n\r\nbody", "\x00\x0b\x0cBcc: q"]
)
def test_no_value_makes_a_header_of_its_own(evil):
    message = read(Composer(3, 5, CONTENT).compose(7, "a@example.com", {"first_name": evil, "full_name": evil}))
    assert message["Bcc"] is None and len(message.get_all("Subject")) == 1
    assert len(message["To"].addresses) == 1


@given(name=st.text(max_size=80), note=st.text(max_size=300))
def test_any_name_and_any_text_survive(name, note):
    outgoing = Composer(3, 5, CONTENT).compose(
        7, "a@example.com", {"first_name": name, "full_name": name, "note": note}
    )
    message = read(outgoing)
    assert set(message.keys()) >= {"From", "To", "Subject", "Message-ID", "List-Unsubscribe"} and "Bcc" not in message
    assert len(message["To"].addresses) == 1
    assert all(len(line) <= 998 for line in outgoing.source.split(b"\r\n"))
    assert b"\n" not in outgoing.source.replace(b"\r\n", b"") and b"\r" not in outgoing.source.replace(b"\r\n", b"")
    expected = f"Bonjour {name}\n.\n.. {note}\n".replace("\r", "").encode("utf-8", "replace").decode()
    text = message.get_body(("plain",)).get_payload(decode=True).decode().replace("\r\n", "\n")
    assert text == expected


def test_links_are_numbered_by_position_and_what_is_no_web_link_is_left_alone():
    html, links = composing.number_links(
        '<a href="https://a.example/?x=1&amp;y=2">1</a><a class="b" href=\'http://b.example\'>2</a>'
        '<a href="https://a.example/?x=1&amp;y=2">again</a><a href="{{ unsubscribe_url }}">u</a>'
        '<a href="https://c.example/{{ email }}">c</a><a href="mailto:x@y.example">m</a><img src="https://i.example/p.png">'
    )
    targets = ["https://a.example/?x=1&y=2", "http://b.example", "https://a.example/?x=1&y=2"]
    assert [link.target for link in links] == [*targets, "https://c.example/{{ email }}"]
    assert [link.label for link in links] == ["1", "2", "again", "c"]
    assert [html.count(f"{{{{ fanfare_click }}}}{n}/") for n in range(5)] == [1, 1, 1, 1, 0]
    assert "{{ unsubscribe_url }}" in html and "https://i.example/p.png" in html


@pytest.mark.parametrize(
    "target, prefix, rest",
    [
        ("https://a.example/{{ email }}", "https://a.example/", "{{ email }}"),
        ("https://a.example/?x=1&amp;e={{ email }}&amp;y=2#z", "https://a.example/?x=1&e=", "{{ email }}&amp;y=2#z"),
        (
            "https://a.example?{% if x %}a{% else %}b{% endif %}",
            "https://a.example?",
            "{% if x %}a{% else %}b{% endif %}",
        ),
    ],
)
def test_of_a_target_with_merge_tags_the_click_brings_what_follows_the_first(target, prefix, rest):
    html, (link,) = composing.number_links(f'<a href="{target}">x</a>')
    assert html == f'<a href="{{{{ fanfare_click }}}}0/?{rest}">x</a>' and link.prefix == prefix


@pytest.mark.parametrize(
    "target",
    [
        "{{ shop }}",
        "https://{{ shop }}/",
        "https://a.example{{ rest }}",
        "https://a.example.{{ tld }}/",
        "https://a@{{ host }}/",
        "https://user@{{ host }}",
        "mailto:a@b.example?subject={{ x }}",
        "{{ unsubscribe_url }}",
    ],
)
def test_a_target_whose_host_a_merge_tag_decides_is_left_alone(target):
    source = f'<a href="{target}">x</a>'
    assert composing.number_links(source) == (source, [])


@pytest.mark.parametrize(
    "source, result, urls",
    [
        ('<a href="https://a.example/l\'offre">', '<a href="CLICK0/">', ["https://a.example/l'offre"]),
        ("<a title='a > b' href=' https://a.example/a b\n '>", "<a title='a > b' href='CLICK0/'>", ["https://a.example/a b"]),
        ('<a href="https://a.example/{id}">', '<a href="CLICK0/">', ["https://a.example/{id}"]),
        ('<area shape="rect" href="HTTPS://a.example/z">', '<area shape="rect" href="CLICK0/">', ["HTTPS://a.example/z"]),
        (
            '<!--[if mso]><v:roundrect xmlns:v="urn:x" href="https://a.example/"><w:anchorlock/><![endif]-->',
            '<!--[if mso]><v:roundrect xmlns:v="urn:x" href="CLICK0/"><w:anchorlock/><![endif]-->',
            ["https://a.example/"],
        ),
        ("<a title=\" href='https://a.example/'\" href=\"https://b.example/\">", None, ["https://b.example/"]),
        ("{% raw %}<a href=\"https://a.example/\">{{ x }}{% endraw %}", "{% raw %}<a href=\"{% endraw %}CLICK0/{% raw %}\">{{ x }}{% endraw %}", ["https://a.example/"]),
        ("{% comment %}<a href=\"https://a.example/\">{% endcomment %}", None, []),
        (
            '<a href="https://a.example/?n={{ n | default: \'x">\' }}">',
            '<a href="CLICK0/?{{ n | default: \'x">\' }}">',
            ["https://a.example/?n={{ n | default: 'x\">' }}"],
        ),
        ('{% raw %}<a href="https://a.example/{{ x }}">{% endraw %}', None, []),
        ('<a href="#top"><a href="mailto:a@b.example"><link href="https://a.example/"><img src="https://a.example/">', None, []),
        ('<abbr href="https://a.example/"> &lt;a href="https://a.example/"&gt; <a data-href="https://a.example/">', None, []),
    ],
)  # fmt: skip
def test_every_web_link_is_counted_and_nothing_else_is_touched(source, result, urls):
    html, found = composing.number_links(source)
    if result is not None:
        assert html == result.replace("CLICK", "{{ fanfare_click }}")
    assert [link.target for link in found] == urls
    if not urls:
        assert html == source


LINK_PIECES = ["<a ", "<area ", "<v:rect ", 'href="', "href='", '"', "'", ">", "</a>", "https://a.example/", " ", "{{ x }}",
               "{% if a %}", "{% endif %}", "{% raw %}", "{% endraw %}", "title=", "<!--[if mso]>", "<![endif]-->"]  # fmt: skip


@given(st.lists(st.sampled_from(LINK_PIECES), max_size=20).map("".join))
def test_taking_the_links_back_gives_the_source(source):
    html, links = composing.number_links(source)
    for number, link in enumerate(links):
        html = html.replace(f"{{% endraw %}}{{{{ fanfare_click }}}}{number}/{{% raw %}}", link.target)
        html = html.replace(f"{{{{ fanfare_click }}}}{number}/?", link.prefix)
        html = html.replace(f"{{{{ fanfare_click }}}}{number}/", link.target)
    assert html.replace(" ", "") == source.replace(" ", "")


def test_tokens_can_not_be_changed():
    token = tracking.sign("message", 1, 2, 300)
    assert tracking.read("message", token) == (1, 2, 300)
    for n in range(len(token)):
        for other in "AZ9_":
            if other != token[n]:
                with pytest.raises(BadToken):  # also for the last character, whose trailing bits base64 ignores
                    tracking.read("message", token[:n] + other + token[n + 1 :])
    with pytest.raises(BadToken):
        tracking.read("other", token)
    for junk in ("", "x", "é", "a" * 500, token + "A"):
        with pytest.raises(BadToken):
            tracking.read("message", junk)
