"""What readers see of a subject and a name stays as written; what could forge a header or a name does not."""

import email
import email.policy
import unicodedata

import pytest

from delivery.channels.email.composing import Composer, Content
from delivery.channels.email.header_text import is_one_line, one_line
from delivery.channels.email.sender_form import SenderForm
from kernel.tenancy import scope

JOINED = [
    "\U0001f469\u200d\U0001f4bb",  # woman, joiner, laptop
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",  # a family
    "\u2764\ufe0f\u200d\U0001f525",  # a heart on fire
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",  # the flag of England
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian
    "\U0001fa77",  # an emoji that Python 3.11 does not know
    "Soldes\xa0: -50\u202f%",
]
SPOOFS = ["a\u202eb", "a\u2066b", "a\u200fb", "a\u200bb", "a\ufeffb", "a\U000e0041b", "a\r\nb", "a\x00b", "a\x85b"]


@pytest.mark.parametrize("text", JOINED)
def test_what_belongs_together_stays_together(text):
    content = Content(
        subject=f"{text} {{{{ first_name }}}}", html="-", text="-", from_name=text, from_email="a@b.example"
    )
    source = Composer(3, 5, content).compose(7, "c@d.example", {"full_name": text, "first_name": text}).source
    message = email.message_from_bytes(source, policy=email.policy.default)
    assert message["Subject"] == f"{text} {text}"
    assert message["From"].addresses[0].display_name == message["To"].addresses[0].display_name == text
    assert is_one_line(text)


@pytest.mark.parametrize("text", SPOOFS)
def test_what_can_forge_is_taken_out_and_refused_in_a_senders_name(acme, text):
    assert one_line(text) == "a b" and not is_one_line(text)
    with scope(acme):
        assert not SenderForm({"name": text, "email": "a@b.example"}).is_valid()
        assert SenderForm({"name": JOINED[0], "email": "a@b.example"}).is_valid()


def test_only_line_ends_controls_and_marks_without_a_look_are_taken_out():
    for number in range(0x110000):
        char = chr(number)
        if one_line(f"a{char}b") != f"a{char}b":
            assert unicodedata.category(char) in ("Cc", "Cf", "Cn", "Cs", "Zl", "Zp", "Zs") and char != " "
        elif not char.isprintable():
            assert unicodedata.category(char) in ("Cf", "Cn", "Co", "Zs"), hex(number)


@pytest.mark.parametrize("n", [60, 66, 67, 68, 69, 75, 76, 100, 990, 1100])
@pytest.mark.parametrize("rest", ["", " and more words"])
def test_a_long_word_leaves_no_empty_first_line(n, rest):
    content = Content(subject="x" * n + rest, html="-", text="-", from_name="A", from_email="a@b.example")
    source = Composer(3, 5, content).compose(7, "c@d.example", {}).source
    lines = source.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert b"Subject: " not in lines and b"Subject:" not in lines
    assert all(len(line) <= 78 for line in lines)
    assert email.message_from_bytes(source, policy=email.policy.default)["Subject"] == content.subject
