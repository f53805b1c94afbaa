"""One mailbox has one stored form, and its domain is that of its owner (IDNA 2008, UTS #46 not transitional)."""

import pytest

from contacts.consent import blocked_domains
from contacts.identity.addresses import BadAddress, clean_email
from contacts.imports.reasons import REASONS
from kernel import domains


@pytest.mark.parametrize(
    "typed, stored, on_the_wire",
    [
        ("a@faß.de", "a@faß.de", "a@xn--fa-hia.de"),
        ("a@straße.de", "a@straße.de", "a@xn--strae-oqa.de"),
        ("info@ελλάς.gr", "info@ελλάς.gr", "info@xn--hxarsa0b.gr"),
        ("a@café.fr", "a@café.fr", "a@xn--caf-dma.fr"),
        ("A@XN--CAF-DMA.FR", "a@café.fr", "a@xn--caf-dma.fr"),
        ("a@CAFÉ.fr", "a@café.fr", "a@xn--caf-dma.fr"),
        ("a@cafe\u0301.fr", "a@café.fr", "a@xn--caf-dma.fr"),
        ("a@пример.рф", "a@пример.рф", "a@xn--e1afmkfd.xn--p1ai"),
        ("a@xn--e1afmkfd.xn--p1ai", "a@пример.рф", "a@xn--e1afmkfd.xn--p1ai"),
        ("a@mail.xn--fa-hia.de", "a@mail.faß.de", "a@mail.xn--fa-hia.de"),
        ("É@café.fr", "é@café.fr", "é@xn--caf-dma.fr"),
        ("a@Example.COM", "a@example.com", "a@example.com"),
        ("a@b--c.fr", "a@b--c.fr", "a@b--c.fr"),
    ],
)
def test_one_form(typed, stored, on_the_wire):
    assert clean_email(typed) == stored == clean_email(stored) == clean_email(on_the_wire)
    assert domains.address_to_ascii(stored) == on_the_wire


@pytest.mark.parametrize(
    "address", ["a@☃.fr", "a@i❤.fr", "a@xn--a.fr", "a@xn--.fr", "a@-é.fr", "a@é" + "a" * 63 + ".fr", "a@é..fr"]
)
def test_what_is_no_domain_is_refused_in_words(address):
    with pytest.raises(BadAddress) as problem:
        clean_email(address)
    assert str(problem.value) == "domain" and "domain" in REASONS["domain"]


@pytest.mark.parametrize("typed", ["faß.de", "@FAß.de", "xn--fa-hia.de", "XN--FA-HIA.DE."])
def test_a_blocked_domain_has_the_same_form(typed):
    assert blocked_domains.clean_domain(typed) == "faß.de"


def test_a_bad_blocked_domain_is_refused():
    with pytest.raises(blocked_domains.BadDomain):
        blocked_domains.clean_domain("xn--a.fr")
