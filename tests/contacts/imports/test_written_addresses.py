"""Addresses as people write them."""

import pytest

from contacts.identity.addresses import BadAddress, clean_email
from contacts.identity.written_addresses import find
from contacts.models import Contact, ImportNote
from kernel.tenancy import scope
from tests.contacts.imports.running import counts, import_file

ANN = "ann@shop.example"


@pytest.mark.parametrize(
    "text",
    [
        "Ann Ex <ann@shop.example>", "mailto:ann@shop.example", "<ann@shop.example>", "ann@shop.example,",
        "ann@shop.example.", "ann@shop.example;", "ann@shop.example\u200b", "ann@shop.example\u00ad",
        "\u200eann@shop.example", "\ufeffann@shop.example", "an\u200bn@shop.example", "ann@shop\u00ad.example",
        "\u00a0ann@shop.example\u00a0", "\u202aann@shop.example\u202c", "\u2066ann@shop.example\u2069",
        "'ann@shop.example'", '"ann@shop.example"', "“ann@shop.example”", "« ann@shop.example »", "(ann@shop.example)",
        "[ann@shop.example]", "MAILTO:Ann@Shop.Example?subject=Hello", "E-mail: ann@shop.example",
        "ann@shop.example <mailto:ann@shop.example>", "Ex, Ann <ann@shop.example>", '"Ex, Ann" <ann@shop.example>',
        "ann@shop.example (Ann Ex)", "Ann Ex (ann@shop.example)", "Ann Ex [mailto:ann@shop.example]",
        "<<ann@shop.example>>", "ann＠shop．example", "Â\u00a0ann@shop.example", "¬†ann@shop.example",
        "ï»¿ann@shop.example", "ann@shop.exampleÊ", "ann@shop.example >", "ann@shop.example!", "\tann@shop.example\n",
        "Ann Ex\u00a0<ann@shop.example>", "ANN@SHOP.EXAMPLE", "'Ann Ex' <ann@shop.example>,",
    ],
)  # fmt: skip
def test_one_address_is_found_in_its_wrapping(text):
    found = find(text)
    assert found.email == ANN and found.is_alone


@pytest.mark.parametrize(
    "text",
    [
        "ann@shop.example; bob@shop.example", "ann@shop.example, bob@shop.example", "ann@shop.example|bob@shop.example",
        "ann@shop.example ::: bob@shop.example", "ann@shop.example bob@shop.example", "ann@shop.example\nbob@shop.example",
        "ann@shop.example / bob@shop.example", "Ann <ann@shop.example>, Bob <bob@shop.example>",
        "Ex, Ann <ann@shop.example>; Why, Bob <bob@shop.example>", "ann@shop.example;ann@shop.example;bob@shop.example",
        '"Ex; Ann" <ann@shop.example>; bob@shop.example',
    ],
)  # fmt: skip
def test_of_several_addresses_the_first_one_is_taken_and_the_others_are_named(text):
    found = find(text)
    assert found.email == ANN and found.others == ("bob@shop.example",)


@pytest.mark.parametrize(
    "text, reason",
    [
        ("with space@shop.example", "space"), ("Ann Ex ann@shop.example", "space"), ("no address", "space"),
        ("two@@shop.example", "at_signs"), ("plain", "at_signs"), ("", "no_address"), ("\u200b", "no_address"),
        ("<>", "at_signs"), ("@", "not_valid"), ("ann@", "domain"), ("@shop.example", "not_valid"),
        ("Ann <ann@@shop.example>", "space"), ("mailto:", "at_signs"), ("êoptout4@shop.example", "misread"),
        ("Êoptout4@shop.example", "misread"), ("<Êoptout4@shop.example>", "misread"), ("ann(at)shop.example", "at_signs"),
    ],
)  # fmt: skip
def test_nothing_is_guessed(text, reason):
    with pytest.raises(BadAddress) as refused:
        find(text)
    assert str(refused.value) in (reason, "not_valid", "domain")


@pytest.mark.parametrize(
    "address", ["zoé@exämple.com", "élise@shop.example", "o'brien@shop.example", "a+b@shop.example", "用户@例え.jp"]
)
def test_letters_of_other_languages_stay(address):
    assert find(address).email == clean_email(address)


def test_an_address_of_somebody_who_opted_out_is_the_same_with_invisible_characters(acme):
    with scope(acme):
        Contact.objects.create(email="optout4@shop.example", status="unsubscribed")
    rows = [
        "\u200boptout4@shop.example",
        "\u00a0optout4@shop.example",
        "Â\u00a0optout4@shop.example",
        "êoptout4@shop.example",
    ]
    done = import_file(acme, "email,x\n" + "\n".join(f"{row},1" for row in rows), ["email", ""])
    assert counts(done) == {"updated": 1, "merged": 2, "rejected": 1}
    with scope(acme):
        assert Contact.objects.get().status == "unsubscribed"


def test_the_name_beside_the_address_fills_an_empty_name_only(acme):
    data = (
        "email,full name\nAnn Ex <ann@shop.example>,\nBob Why <bob@shop.example>,Robert Zed\n"
        '"""Ex, Cy"" <cy@shop.example>",\ndee@shop.example <dee@shop.example>,\n'
    )
    import_file(acme, data, ["email", "full_name"])
    with scope(acme):
        names = {c.email: f"{c.first_name} {c.last_name}" for c in Contact.objects.all()}
    assert names == {
        "ann@shop.example": "Ann Ex",
        "bob@shop.example": "Robert Zed",
        "cy@shop.example": "Cy Ex",
        "dee@shop.example": " ",
    }


def test_the_wrapped_addresses_of_a_file(acme):
    data = (
        'email,n\n"Ann Ex <ann@shop.example>",1\nmailto:bob@shop.example,2\n<cy@shop.example>,3\n"dee@shop.example,",4\n'
        'ede@shop.example.,5\n"fay@shop.example; fay2@shop.example",6\n'
    )
    done = import_file(acme, data, ["email", ""], has_header=True)
    assert counts(done) == {"created": 6}
    with scope(acme):
        assert {c.partition("@")[0] for c in Contact.objects.values_list("email", flat=True)} == {
            "ann", "bob", "cy", "dee", "ede", "fay"
        }  # fmt: skip
        assert ImportNote.objects.values_list("reason", "cell").get() == (
            "more_addresses",
            "fay@shop.example; fay2@shop.example",
        )
