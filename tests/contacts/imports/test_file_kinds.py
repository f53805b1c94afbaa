"""Files that are no CSV: those that can be read become rows, and each other gets the one sentence that helps."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import example, given
from hypothesis import strategies as st

from contacts.imports import address_lists, json_records, records, uploading, vcards, workbook_process
from contacts.imports.limits import Unreadable
from contacts.models import Contact, ContactField, ContactImport, RejectedRow
from kernel.tenancy import scope
from tests.contacts.imports.running import counts, finish, prepare
from tests.contacts.imports.test_workbooks import changed, workbook

FILES = Path(__file__).parent / "files"
PAGE = "/w/acme/contacts/imports/"


def archive(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return out.getvalue()


def people(workspace) -> list[tuple[str, str, str]]:
    with scope(workspace):
        return list(Contact.objects.order_by("email").values_list("email", "first_name", "last_name"))


def read(reader, text: str, size: int = 1 << 17) -> list[dict[str, str]]:
    pieces = [text[n : n + size] for n in range(0, len(text), size)]
    return [record for _number, record in reader.records(pieces)]


@pytest.mark.parametrize(
    "data, words",
    [
        ((FILES / "people.numbers").read_bytes(), "Numbers"),
        ((FILES / "binary.xlsb").read_bytes(), "binary workbook"),
        ((FILES / "web-page.xls").read_bytes(), "web page"),
        (b"\xef\xbb\xbf<!DOCTYPE html><html><body><table><tr><td>a", "web page"),
        (b"<table><tr><td>email</td></tr></table>", "web page"),
        (b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook>', "Excel 2003"),
        (b'<?xml version="1.0"?>\n<contacts><c/></contacts>', "XML file"),
        (b"dn: cn=Ann,ou=x\nmail: ann@shop.example\n", "LDIF"),
        (b"version: 1\n\ndn:: Y249QW5u\nmail: ann@shop.example\n", "LDIF"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"\xff\xd8\xff\xe0", "picture"),
        (b"GIF89a", "picture"),
        (b"\x1f\x8b\x08", "archive"),
        (b"Rar!\x1a", "archive"),
        (b"7z\xbc\xaf\x27\x1c", "archive"),
        (b"BZh91AY", "archive"),
        (b"people.csv".ljust(257, b"\0") + b"ustar", "archive"),
        (archive("people.csv"), "archive"),
        (archive("word/document.xml"), "text document"),
        (b"{\\rtf1", "text document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "can't be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "password"),
        ((FILES / "people.xls").read_bytes()[:3000], "can't be read"),
        ((FILES / "people.ods").read_bytes()[:500], "damaged"),
        (changed((FILES / "people.ods").read_bytes(), **{"content.xml": b"<nonsense"}), "can't be read|no rows"),
        (b'[{"email": "a@x.example"', "damaged"),
        (b"[[1, 2], [3, 4]]", "no list of contacts"),
        (b"[" * 100_000, "JSON"),
        (b'{"a": ' * 5000, "damaged"),
        (b"[]", "no rows"),
        (b"BEGIN:VCARD\nEND:VCARD\n", "no rows"),
    ],
)
def test_other_files_get_the_sentence_that_helps(acme, data, words):
    with scope(acme), pytest.raises(Unreadable, match=words):
        uploading.upload(SimpleUploadedFile("people.csv", data), None)


@pytest.mark.parametrize("name, titles", [("people.ods", 2), ("people.xls", 0)])
def test_sheets_of_libreoffice_and_old_excel(acme, name, titles):
    with scope(acme):
        for field, kind in (("born", "date"), ("points", "number")):
            ContactField.objects.create(name=field, label=field, kind=kind)
    done = prepare(acme, (FILES / name).read_bytes(), name=name)
    assert (done.format, done.sheet, done.skip_lines) == (name[-3:], "Personnes", titles)
    done.mapping = ["email", "first_name", "attributes:born", "attributes:points", *done.mapping[4:]]
    done = finish(acme, done)
    assert counts(done) == {"created": 2}
    assert people(acme) == [("a@example.com", "Zoé", ""), ("b@example.com", "Bo", "")]
    with scope(acme):
        one, two = Contact.objects.order_by("email")
    assert one.attributes["born"] == "1970-03-12" and one.attributes["points"] == 12
    assert two.attributes["points"] == 1.5
    assert done.lines == {"people.ods": 7, "people.xls": 6}[name]


def test_the_pages_of_a_libreoffice_sheet(acme, bob, as_user):
    client = as_user(bob)
    file = SimpleUploadedFile("p.ods", (FILES / "people.ods").read_bytes())
    page = client.post(PAGE + "new/", {"file": file})["Location"]
    assert "a@example.com" in client.get(page).content.decode()
    chosen = {"sheet": "Personnes", "has_header": "on", "skip_lines": "3"}
    assert "Zoé" in client.post(page + "reading/", chosen, follow=True).content.decode()


def test_an_invalid_date_costs_its_cell_and_not_the_sheet():
    sheet = zipfile.ZipFile(io.BytesIO(workbook(("S", [["email", "born"], ["a@example.com", "x"]]))))
    inner = sheet.read("xl/worksheets/sheet1.xml").decode()
    for cell in ('<c r="B2" t="d"><v>2026-99-99</v></c>', '<c r="B2"><v>twelve</v></c>'):
        start = inner.index('<c r="B2"')
        broken = inner[:start] + cell + inner[inner.index("</c>", start) + 4 :]
        book = changed(
            workbook(("S", [["email", "born"], ["a@example.com", "x"]])),
            **{"xl/worksheets/sheet1.xml": broken.encode()},
        )
        rows = list(workbook_process.main(("rows", "S"), io.BytesIO(book)))
        assert rows[0] == ["email", "born"] and rows[1][0] == "a@example.com" and len(rows) == 2


def test_a_card(acme, bob, as_user):
    client = as_user(bob)
    page = client.post(PAGE + "new/", {"file": SimpleUploadedFile("c.vcf", (FILES / "card.vcf").read_bytes())})[
        "Location"
    ]
    assert "ann@shop.example" in client.get(page).content.decode()
    client.post(page + "reading/", {"encoding": "cp1252"})
    with scope(acme):
        done = ContactImport.objects.get()
        assert done.format == "vcf" and done.encoding == "cp1252" and "email" in done.mapping
        done.consent_source = "x"
        done.save()
    assert counts(finish(acme, done)) == {"created": 1}
    assert people(acme) == [("ann@shop.example", "Ann", "Ex")]


VERSIONS = {
    "2.1": (
        "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:L=C3=A9vy;Zo=C3=A9;;;\r\n"
        "FN;ENCODING=QUOTED-PRINTABLE:Zo=C3=A9 =\r\nL=C3=A9vy\r\nTEL;HOME:01 23 45 67 89\r\nTEL;CELL;PREF:+33612345678\r\n"
        "EMAIL;INTERNET:zoe@a.example\r\nADR;HOME:;;1 rue X;Lyon;;69001;France\r\nBDAY:19800102\r\n"
        "PHOTO;ENCODING=BASE64;TYPE=JPEG:AAAA\r\n BBBB\r\n\r\nEND:VCARD\r\n"
    ),
    "3.0": (
        "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Lévy;Zoé;;;\r\nFN:Zoé Lévy\r\nitem1.TEL;type=CELL;type=pref:+33612345678\r\n"
        "TEL;type=HOME:01 23 45 67 89\r\nitem2.EMAIL;type=INTERNET;type=pref:zoe@a.example\r\n"
        "ADR;type=HOME:;;1 rue X;Lyon;;69001;France\r\nBDAY;value=date:1980-01-02\r\nEND:VCARD\r\n"
    ),
    "4.0": (
        'BEGIN:VCARD\nVERSION:4.0\nN:Lé\n vy;Zoé;;;\nFN:Zoé Lévy\nTEL;VALUE=uri;PREF=1;TYPE="cell":tel:+33612345678\n'
        "TEL;TYPE=home:01 23 45 67 89\nEMAIL:mailto:zoe@a.example\nADR:;;1 rue X;Lyon;;69001;France\nBDAY:19800102\nEND:VCARD\n"
    ),
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("size", [1, 7, 1 << 17])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_cards_of_all_versions(version, size, end):
    text = VERSIONS[version].replace("\r\n", "\n").replace("\n", end)
    expected = {
        "Last name": "Lévy",
        "First name": "Zoé",
        "Full name": "Zoé Lévy",
        "Email": "zoe@a.example",
        "Phone": "+33612345678",
        "Phone 2": "01 23 45 67 89",
        "Address": "1 rue X",
        "City": "Lyon",
        "Postcode": "69001",
        "Country": "France",
        "Birthday": "1980-01-02",
    }
    assert read(vcards, text * 2, size) == [expected, expected]


def test_escaped_signs_and_categories_of_cards():
    text = "BEGIN:VCARD\nORG:A\\, B\\; C;Sales\nNOTE:one\\ntwo\\\\\nCATEGORIES:VIP,Paris\nTITLE:CEO\nEND:VCARD\n"
    assert read(vcards, text) == [
        {"Company": "A, B; C", "Note": "one\ntwo\\", "Tags": "VIP; Paris", "Job title": "CEO"}
    ]


@pytest.mark.parametrize(
    "text, names",
    [
        # vCard 2.1: an assistant's card within the card of the boss.
        (
            "BEGIN:VCARD\nFN:Boss\nAGENT:\nBEGIN:VCARD\nFN:Help\nEND:VCARD\nEMAIL:boss@x.example\nEND:VCARD\n",
            [("Boss", "boss@x.example")],
        ),
        (
            "BEGIN:VCARD\nFN:Ann\nEMAIL:ann@x.example\nBEGIN:VCARD\nFN:Bob\nEMAIL:bob@x.example\nEND:VCARD\n",
            [("Ann", "ann@x.example"), ("Bob", "bob@x.example")],
        ),
        (
            "BEGIN:VCARD\nFN:Ann\nAGENT:x\nBEGIN:VCARD\nFN:Bob\nEMAIL:bob@x.example\nEND:VCARD\n",
            [("Ann", None), ("Bob", "bob@x.example")],
        ),
    ],
)
def test_no_card_is_lost_beside_another(text, names):
    assert [(card["Full name"], card.get("Email")) for card in read(vcards, text)] == names


def test_cards_are_numbered_by_their_lines(acme):
    cards = "".join(
        f"BEGIN:VCARD\nN:E;A{n}\nEMAIL:{'bad' if n == 1 else f'a{n}@x.example'}\nEND:VCARD\n\n" for n in range(3)
    )
    done = finish(acme, prepare(acme, cards, name="c.vcf"))
    assert counts(done) == {"created": 2, "rejected": 1}
    with scope(acme):
        assert RejectedRow.objects.get().line == 6


ANN, BOB = {"email": "ann@shop.example", "name": "Ann"}, {"email": "bob@shop.example", "name": "Bob"}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([ANN, BOB]),
        json.dumps([ANN, BOB], indent=2),
        json.dumps(ANN) + "\n" + json.dumps(BOB),
        json.dumps(ANN) + "\r\n\r\n" + json.dumps(BOB) + "\r\n",
        json.dumps({"contacts": [ANN, BOB]}),
        json.dumps({"contacts": [ANN, BOB], "total": 2, "next": None}),
        " [ " + json.dumps(ANN) + " , " + json.dumps(BOB) + " ] ",
    ],
)
@pytest.mark.parametrize("size", [1, 5, 1 << 17])
def test_json_in_its_forms(text, size):
    assert read(json_records, text, size) == [ANN, BOB]


def test_values_of_json():
    value = {"a": None, "b": True, "c": 1, "d": 1.234, "e": ["x", 2], "f": {"g": "h", "i": [1]}, "j": [{"k": 1}]}
    (record,) = read(json_records, json.dumps([value]))
    assert record == {
        "a": "",
        "b": "true",
        "c": "1",
        "d": "1.234",
        "e": "x; 2",
        "f g": "h",
        "f i": "1",
        "j": '[{"k": 1}]',
    }


@example([{"\0": None}], 1, False)
@given(
    st.lists(
        st.dictionaries(
            st.text(max_size=4), st.text(max_size=6) | st.integers() | st.none() | st.booleans(), min_size=1, max_size=4
        ),
        min_size=1,
        max_size=8,
    ),
    st.integers(1, 20),
    st.booleans(),
)
def test_json_is_read_back_whatever_the_pieces(objects, size, as_lines):
    text = "\n".join(map(json.dumps, objects)) if as_lines else json.dumps(objects, ensure_ascii=False)
    expected = [
        {json_records.storable(name): json_records.text(value) for name, value in one.items()} for one in objects
    ]
    assert read(json_records, text, size) == expected


@pytest.mark.parametrize("cut", ["\\u0000", "\\ud83d"])
def test_signs_that_no_text_can_hold_cost_their_value(acme, cut):
    people = [{"email": f"p{n}@x.example", "name": "Ann"} for n in range(300)]
    text = json.dumps([*people, {"email": "cut@x.example", "name": "CUT"}]).replace("CUT", f"A{cut}")
    done = finish(acme, prepare(acme, text, name="people.json"))
    assert counts(done) == {"created": 301}
    with scope(acme):
        assert done.notes.count() == 1 and Contact.objects.get(email="cut@x.example").first_name == ""


def test_a_key_that_no_text_can_hold(acme):
    text = json.dumps([{"email": "a@x.example", "CUT": "1"}]).replace("CUT", "k\\ud83d")
    assert counts(finish(acme, prepare(acme, text, name="people.json"))) == {"created": 1}


def test_halves_of_an_emoji_that_stand_together_are_one():
    assert read(json_records, '[{"a": "\\ud83d\\ude00"}]') == [{"a": "\U0001f600"}]


def test_a_json_file_is_imported(acme, bob, as_user):
    client = as_user(bob)
    file = SimpleUploadedFile("p.json", (FILES / "people.json").read_bytes())
    page = client.post(PAGE + "new/", {"file": file})["Location"]
    assert "ann@shop.example" in client.get(page).content.decode()
    with scope(acme):
        done = ContactImport.objects.get()
        assert done.format == "json"
        done.consent_source, done.mapping = "x", ["email", "first_name"]
        done.save()
    assert counts(finish(acme, done)) == {"created": 1} and people(acme) == [("ann@shop.example", "Ann", "")]


def test_records_without_a_column_leave_it_empty():
    columns, first = records.columns_of(['{"a":1}\n{"b":2}\n'], "json")
    assert columns == ["a", "b"] and [cells for _number, cells in first] == [["1", ""], ["", "2"]]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("ann@a.example, bob@a.example, cy@a.example", ["ann@a.example", "bob@a.example", "cy@a.example"]),
        ("a@x.example; b@y.example, C <c@z.example>", ["a@x.example", "b@y.example", "C <c@z.example>"]),
        ("a@x.example b@y.example\tc@z.example", ["a@x.example", "b@y.example", "c@z.example"]),
        ('"Ex, Ann" <a@x.example>; b@y.example', ['"Ex, Ann" <a@x.example>', "b@y.example"]),
        ("Ex, Ann <a@x.example>, Bo <b@x.example>", ["Ex, Ann <a@x.example>", "Bo <b@x.example>"]),
        ("a@x.example; nobody; b@x.example", ["a@x.example", "nobody", "b@x.example"]),
        ("a@x.example;;b@x.example;", ["a@x.example", "b@x.example"]),
        ("Emails\na@x.example; b@x.example\nc@x.example", ["a@x.example", "b@x.example", "c@x.example"]),
        ("a@x.example|b@x.example", ["a@x.example", "b@x.example"]),
    ],
)
def test_addresses_in_a_line(text, expected):
    assert [record["Email"] for record in read(address_lists, text)] == expected


@given(
    names=st.lists(st.sampled_from(["", "Ann", "Ann Ex", '"Ex, Ann"']), min_size=2, max_size=30),
    separator=st.sampled_from([",", ";", ", ", "; ", "\t", " ,  "]),
    ends=st.sets(st.integers(0, 30)),
    size=st.integers(1, 40),
)
def test_every_address_of_a_list_is_read(names, separator, ends, size):
    written = [f"{name} <p{n}@x.example>".strip() if name else f"p{n}@x.example" for n, name in enumerate(names)]
    text = "".join(one + ("\n" if n in ends else separator) for n, one in enumerate(written))
    assert [record["Email"] for record in read(address_lists, text, size)] == written


@pytest.mark.parametrize(
    "data, expected",
    [
        (
            (FILES / "addresses-in-one-line.txt").read_bytes(),
            ["ann@shop.example", "bob@shop.example", "cy@shop.example"],
        ),
        (b"a@x.example; b@y.example, C <c@z.example>\n", ["a@x.example", "b@y.example", "c@z.example"]),
        (
            b"email\na@x.example; b@x.example\nc@x.example;d@x.example;e@x.example\n",
            [f"{n}@x.example" for n in "abcde"],
        ),
    ],
)
def test_a_list_of_addresses_is_imported(acme, data, expected):
    done = prepare(acme, data, name="list.txt")
    assert done.format == "list" and done.mapping == ["email"]
    assert counts(finish(acme, done)) == {"created": len(expected)}
    assert [email for email, *_ in people(acme)] == expected


@pytest.mark.parametrize(
    "data",
    [
        b"a@x.example\nb@x.example\n",
        b"a@x.example,b@x.example\nc@x.example,d@x.example\n",
        b"email,name\na@x.example,Ann\n",
        b"a@x.example,Ann\n",
        b"email,second\na@x.example,b@x.example\n",
    ],
)
def test_a_table_of_addresses_is_no_list(acme, data):
    assert prepare(acme, data).format == "csv"
