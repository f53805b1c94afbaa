"""Generated rows: no identity is lost because of another cell, and every value is taken, empty, or in a note."""

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.fields import nothing, values
from contacts.identity.addresses import BadAddress, clean_email
from contacts.identity.name_lists import read
from contacts.identity.phones import BadPhone, find_phone
from contacts.identity.written_addresses import find
from contacts.imports import company_rows, contact_rows, suppression_rows
from contacts.imports.reasons import REASONS, BadRow
from contacts.imports.run_settings import RunSettings
from contacts.models import ContactImport

EXAMPLES = int(os.environ.get("IMPORT_EXAMPLES", "200")) * 5
many_examples = settings(max_examples=EXAMPLES, deadline=None)

SIDES = ["first_name", "last_name", "full_name", "language", "tags", "lists", "company", "companies", "company_role"]
SIDES += [f"attributes:{kind}" for kind in ("number", "date", "boolean", "url", "text", "choice")]
READERS = {
    kind: values.reader(kind, choices=["Gold", "None"])
    for kind in ("number", "date", "boolean", "url", "text", "choice")
}
odd = (
    st.text(st.characters(exclude_characters="\0"), max_size=150)
    | st.sampled_from(sorted(nothing.WORDS))
    | st.sampled_from(
        ["0000-00-00", "31/02/2026", "x" * 3000, '["a"]', "[", "{", "::: *", "a ::: b", '"', "<>", "@", "a@b;c@d"]
    )
    | st.text("0123456789+-./() x#ext", max_size=30)
    | st.text("ann@shop.example<>;,: \"'()[]\u200b\u00a0Ê", max_size=60)
)


def settings_of(mapping: list[str], target: str = "contacts", **fields) -> RunSettings:
    return RunSettings(
        mapping=mapping, target=target, country="FR", readers=READERS, texts=frozenset({"text"}), **fields
    )


@given(cells=st.lists(odd, min_size=len(SIDES) + 2, max_size=len(SIDES) + 2), clear_empty=st.booleans())
@many_examples
def test_no_person_is_lost_because_of_another_cell(cells, clear_empty):
    mapping = ["email", *SIDES, "phone", "external_id"]
    read_row = contact_rows.row_reader(settings_of(mapping, clear_empty=clear_empty))
    row = read_row(1, ["ann@shop.example", *cells])
    assert row.email == "ann@shop.example"
    assert all(reason in REASONS and cell == cells[column - 1].strip() for column, reason, cell in row.notes)
    assert len(row.first_name) <= 120 and len(row.last_name) <= 120 and len(row.language) <= 2
    assert row.phone is None or find_phone(row.phone) == (row.phone, "")
    assert not row.cleared or clear_empty


@given(email=odd, phone=odd)
@many_examples
def test_a_row_comes_in_by_any_identity_that_is_left(email, phone):
    read_row = contact_rows.row_reader(settings_of(["email", "phone", "external_id"]))
    assert read_row(1, [email, phone, "C-1"]).external_id == "C-1"
    try:
        row = contact_rows.row_reader(settings_of(["email", "phone"]))(1, [email, phone])
    except BadRow:
        for look, text in ((find, email.strip()), (find_phone, phone.strip())):
            try:
                look(text)
            except (BadAddress, BadPhone):
                continue
            raise AssertionError(f"{text!r} would have identified the row") from None
    else:
        assert row.email or row.phone


@given(cells=st.lists(odd, min_size=9, max_size=9))
@many_examples
def test_no_company_is_lost_because_of_another_cell(cells):
    mapping = ["company", "company_status", "company_kind", "company_industry", "company_size", "company_website"]
    mapping += ["email", "phone", "contact_email", "company_role"]
    row = company_rows.row_reader(settings_of(mapping, ContactImport.Target.COMPANIES))(1, ["Acme", *cells])
    assert row.name == "Acme" and all(reason in REASONS for _column, reason, _cell in row.notes)
    assert len(row.website) <= 200 and len(row.size) <= 40


@given(others=st.lists(odd, max_size=3), phone=odd)
@many_examples
def test_nobody_who_said_no_is_lost_because_of_another_cell(others, phone):
    read_row = suppression_rows.row_reader(settings_of(["email", "phone"], ContactImport.Target.SUPPRESSION))
    assert read_row(1, ["ann@shop.example", phone]).email == "ann@shop.example"
    assert read_row(1, [phone, "0612345678"]).phone == "+33612345678"


@given(text=odd)
@many_examples
def test_what_is_found_in_a_text_is_an_address_that_stays_itself(text):
    try:
        found = find(text)
    except BadAddress:
        return
    assert clean_email(found.email) == found.email and found.email not in found.others
    assert all(clean_email(other) == other for other in found.others)
    assert (
        found.email.partition("@")[2].isascii() is False
        or found.email.rpartition("@")[2] in text.lower()
        or not text.isascii()
    )


@given(text=odd)
@many_examples
def test_names_in_a_cell_are_clean(text):
    names = read(text)
    assert all(name and name == " ".join(name.split()) for name in names) and len(set(names)) == len(names)
