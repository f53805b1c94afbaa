"""Colleagues and families share a phone number: nobody is lost, and a number alone identifies only where one has it."""

import itertools
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from contacts.imports import forecasting, matching, prefetch
from contacts.models import Consent, Contact, RejectedRow
from contacts.people import merging
from kernel.tenancy import scope
from tests.contacts.imports.running import COUNTS, counts, finish, prepare

EXAMPLES = int(os.environ.get("IMPORT_EXAMPLES", "60"))
OFFICE, HOME = "+33142685300", "+33612345678"
FILES = Path(__file__).parent / "files"
ALL = ["external_id", "email", "phone", "first_name"]


def people(workspace) -> list[tuple]:
    """(first name, e-mail, phone, own id) of those who are not deleted."""
    with scope(workspace):
        rows = Contact.objects.present().values_list("first_name", "email", "phone", "external_id")
        return sorted(rows, key=str)


def reasons(workspace) -> dict[int, str]:
    with scope(workspace):
        return dict(RejectedRow.objects.values_list("line", "reason"))


def forecast_and_import(workspace, data: str, mapping: list[str], **fields):
    """The import, after its forecast told the same."""
    done = prepare(workspace, data, mapping, **fields)
    with scope(workspace):
        done.preview = (done.preview or {}) | {"forecast": {"token": "t", "done": False}}
        done.save()
    forecasting.run(workspace.pk, done.pk, "t")
    with scope(workspace):
        done.refresh_from_db()
    forecast = done.preview["forecast"]
    assert forecast["done"] and not forecast.get("problem")
    done = finish(workspace, done)
    with scope(workspace):
        found = list(RejectedRow.objects.filter(contact_import=done).values_list("reason", flat=True))
    told = {name: forecast["counts"].get(name, 0) for name in COUNTS}
    assert told == {name: getattr(done, name) for name in COUNTS}
    assert forecast["reasons"] == {reason: found.count(reason) for reason in set(found)}
    return done


def test_colleagues_with_the_number_of_their_office(acme):
    done = forecast_and_import(
        acme, (FILES / "colleagues-with-one-number.csv").read_text(), ["first_name", "email", "phone"]
    )
    assert counts(done) == {"created": 3}
    assert people(acme) == [
        ("Ann", "ann@firm.example", OFFICE, None),
        ("Bob", "bob@firm.example", OFFICE, None),
        ("Cy", "cy@firm.example", OFFICE, None),
    ]


@pytest.mark.parametrize("chunk", [1, 2, 100])
@pytest.mark.parametrize("order", range(6))
def test_the_order_of_colleagues_does_not_matter(acme, monkeypatch, chunk, order):
    monkeypatch.setattr(prefetch, "CHUNK", chunk)
    rows = [f"a@example.com,{OFFICE},Ann", f"b@example.com,{OFFICE},Bob", f"c@example.com,{OFFICE},Cy"]
    rows = [rows[place] for place in ([0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0])[order]]
    done = forecast_and_import(acme, "email,phone,name\n" + "\n".join(rows), ["email", "phone", "first_name"])
    assert counts(done) == {"created": 3}
    assert {row[0] for row in people(acme)} == {"Ann", "Bob", "Cy"}


#: rows of a file (own id, e-mail, phone, name); the counts; the rejected rows; who is there afterwards. Before it, the
#: contacts of `known`.
CASES = {
    "a family of three ids": (
        [],
        [f"1,,{HOME},Ann", f"2,,{HOME},Bob", f"3,,{HOME},Cy"],
        {"created": 3},
        {},
    ),
    "a new colleague of somebody known": (
        [{"email": "a@example.com", "phone": OFFICE}],
        [f",b@example.com,{OFFICE},Bob"],
        {"created": 1},
        {},
    ),
    "somebody known gets the number of somebody else": (
        [{"email": "a@example.com", "phone": OFFICE}, {"email": "b@example.com"}],
        [f",b@example.com,{OFFICE},Bob"],
        {"updated": 1},
        {},
    ),
    "somebody known by id gets the number of somebody else": (
        [{"email": "a@example.com", "phone": OFFICE}, {"external_id": "B"}],
        [f"B,,{OFFICE},Bob"],
        {"updated": 1},
        {},
    ),
    "the number alone, of one contact": (
        [{"email": "a@example.com", "phone": OFFICE}],
        [f",,{OFFICE},Ann"],
        {"updated": 1},
        {},
    ),
    "the number alone, of two contacts": (
        [{"email": "a@example.com", "phone": OFFICE}, {"email": "b@example.com", "phone": OFFICE}],
        [f",,{OFFICE},Who?"],
        {"rejected": 1},
        {2: "shared_phone"},
    ),
    "the number alone, of two people of the file": (
        [],
        [f",a@example.com,{OFFICE},Ann", f",b@example.com,{OFFICE},Bob", f",,{OFFICE},Who?"],
        {"created": 2, "rejected": 1},
        {4: "shared_phone"},
    ),
    "the number alone, then two people": (
        [],
        [f",,{OFFICE},Ann", f",a@example.com,{OFFICE},Ann", f",b@example.com,{OFFICE},Bob"],
        {"created": 2, "merged": 1},
        {},
    ),
    "the number alone, twice": (
        [],
        [f",,{OFFICE},Ann", f",,{OFFICE},Anna"],
        {"created": 1, "merged": 1},
        {},
    ),
    "the number alone, twice, with a colleague in between": (
        [],
        [f",,{OFFICE},Ann", f",a@example.com,{OFFICE},Ann", f",,{OFFICE},Ann"],
        {"created": 1, "merged": 2},
        {},
    ),
    "an address fills a contact that has only the number": (
        [{"phone": OFFICE}],
        [f",a@example.com,{OFFICE},Ann"],
        {"updated": 1},
        {},
    ),
    "an address fills nobody where two have only the number": (
        [{"phone": OFFICE}, {"phone": OFFICE}],
        [f",a@example.com,{OFFICE},Ann"],
        {"created": 1},
        {},
    ),
    "two addresses fill one contact once": (
        [{"phone": OFFICE}],
        [f",a@example.com,{OFFICE},Ann", f",b@example.com,{OFFICE},Bob"],
        {"updated": 1, "created": 1},
        {},
    ),
    "an id and an address fill one contact": (
        [{"phone": OFFICE}],
        [f",a@example.com,{OFFICE},Ann", f"7,,{OFFICE},Ann"],
        {"updated": 1, "merged": 1},
        {},
    ),
    "an id fills a contact that has an address": (
        [{"email": "a@example.com", "phone": OFFICE}],
        [f"7,,{OFFICE},Ann"],
        {"updated": 1},
        {},
    ),
    "another id is another person": (
        [{"external_id": "6", "phone": OFFICE}],
        [f"7,,{OFFICE},Bob"],
        {"created": 1},
        {},
    ),
    "another address is another person, whatever the id": (
        [{"email": "a@example.com", "phone": OFFICE}],
        [f"7,b@example.com,{OFFICE},Bob"],
        {"created": 1},
        {},
    ),
    "the id decides where address and number are somebody else's": (
        [{"external_id": "7", "email": "a@example.com"}, {"email": "b@example.com", "phone": OFFICE}],
        [f"7,b@example.com,{OFFICE},Bob"],
        {"rejected": 1},
        {2: "conflict"},
    ),
    "a number in the trash is that of its owner": (
        [{"email": "a@example.com", "phone": OFFICE, "deleted_at": "2026-01-01T00:00Z"}],
        [f",,{OFFICE},Ann"],
        {"updated": 1},
        {},
    ),
    "who is not deleted has the number before those in the trash": (
        [
            {"email": "a@example.com", "phone": OFFICE, "deleted_at": "2026-01-01T00:00Z"},
            {"email": "b@example.com", "phone": OFFICE},
        ],
        [f",,{OFFICE},Bob"],
        {"updated": 1},
        {},
    ),
    "two in the trash": (
        [
            {"email": "a@example.com", "phone": OFFICE, "deleted_at": "2026-01-01T00:00Z"},
            {"email": "b@example.com", "phone": OFFICE, "deleted_at": "2026-01-01T00:00Z"},
        ],
        [f",,{OFFICE},Who?"],
        {"rejected": 1},
        {2: "shared_phone"},
    ),
    "one of the trash comes back and has the number": (
        [
            {"email": "a@example.com", "phone": OFFICE, "deleted_at": "2026-01-01T00:00Z"},
            {"email": "b@example.com", "phone": OFFICE, "deleted_at": "2026-01-01T00:00Z"},
        ],
        [f",a@example.com,{OFFICE},Ann", f",,{OFFICE},Anna"],
        {"updated": 1, "merged": 1},
        {},
    ),
    "a number that changes hands": (
        [],
        [
            f",a@example.com,{OFFICE},Ann",
            f",a@example.com,{HOME},Ann",
            f",,{HOME},Anna",
            f",,{OFFICE},Zoe",
        ],
        {"created": 2, "merged": 2},
        {},
    ),
    "the same colleague twice": (
        [],
        [f",a@example.com,{OFFICE},Ann", f",b@example.com,{OFFICE},Bob", f",a@example.com,{OFFICE},Anna"],
        {"created": 2, "merged": 1},
        {},
    ),
}


@pytest.mark.parametrize("chunk", [1, 100])
@pytest.mark.parametrize("name", CASES)
def test_who_has_the_number(acme, monkeypatch, name, chunk):
    monkeypatch.setattr(prefetch, "CHUNK", chunk)
    known, rows, expected, rejected = CASES[name]
    with scope(acme):
        for values in known:
            Contact.objects.create(**values)
    done = forecast_and_import(acme, "id,email,phone,name\n" + "\n".join(rows), ALL)
    assert counts(done) == expected
    assert reasons(acme) == rejected


@pytest.mark.parametrize(
    "mode, expected, rejected",
    [
        ("add", {"created": 1, "skipped": 2, "rejected": 1}, {5: "shared_phone"}),
        ("update", {"updated": 2, "skipped": 1, "rejected": 1}, {5: "shared_phone"}),
        ("both", {"created": 1, "updated": 2, "rejected": 1}, {5: "shared_phone"}),
    ],
)
def test_modes(acme, mode, expected, rejected):
    with scope(acme):
        Contact.objects.create(email="a@example.com", phone=OFFICE)
        Contact.objects.create(email="b@example.com", phone=OFFICE)
    rows = [f"a@example.com,{OFFICE},A", f"b@example.com,{HOME},B", f"c@example.com,{OFFICE},C", f",{OFFICE},Who?"]
    if mode == "update":
        rows[1] = f"b@example.com,{OFFICE},B"
    done = forecast_and_import(
        acme, "email,phone,name\n" + "\n".join(rows), ["email", "phone", "first_name"], mode=mode
    )
    assert (counts(done), reasons(acme)) == (expected, rejected)


def test_a_merged_contact_has_its_number_for_its_survivor(acme):
    with scope(acme):
        survivor = Contact.objects.create(email="a@example.com", phone=HOME)
        loser = Contact.objects.create(email="b@example.com", phone=OFFICE)
        merging.merge(survivor, loser, set(), actor=None, address=None)
    done = forecast_and_import(
        acme,
        f"email,phone,name\n,{OFFICE},Ann\na@example.com,{OFFICE},Anna\nz@example.com,{OFFICE},Zoe\n",
        ["email", "phone", "first_name"],
    )
    assert counts(done) == {"updated": 1, "merged": 1, "created": 1}
    assert people(acme) == [("Anna", "a@example.com", HOME, None), ("Zoe", "z@example.com", OFFICE, None)]


def test_a_merged_number_is_shared_with_a_colleague(acme):
    with scope(acme):
        survivor = Contact.objects.create(email="a@example.com", phone=HOME)
        loser = Contact.objects.create(email="b@example.com", phone=OFFICE)
        merging.merge(survivor, loser, set(), actor=None, address=None)
        Contact.objects.create(email="c@example.com", phone=OFFICE)
    done = forecast_and_import(acme, f"phone,name\n{OFFICE},Who?\n", ["phone", "first_name"])
    assert counts(done) == {"rejected": 1}


def test_the_number_of_another_workspace_is_nobodys(acme, beta):
    with scope(beta):
        for n in range(2):
            Contact.objects.create(email=f"z{n}@example.com", phone=OFFICE)
    done = forecast_and_import(acme, f"phone,name\n{OFFICE},Ann\n{OFFICE},Anna\n", ["phone", "first_name"])
    assert counts(done) == {"created": 1, "merged": 1}
    with scope(beta):
        assert Contact.objects.filter(first_name="").count() == 2


def test_a_switchboard_with_and_without_addresses_ends(acme, monkeypatch):
    """Rows that have only the number wait for those before them; a file can't make them wait for ever."""
    monkeypatch.setattr(matching, "MAX_ROUNDS", 3)
    with scope(acme):
        Contact.objects.create(email="a@example.com", phone=OFFICE)
    rows = [f"p{n}@example.com,{OFFICE},P" if n % 2 else f",{OFFICE},{n}" for n in range(20)]
    done = forecast_and_import(
        acme, "email,phone,name\n" + "\n".join(rows), ["email", "phone", "first_name"], mode="update"
    )
    assert counts(done) == {"updated": 1, "merged": 2, "skipped": 10, "rejected": 7}
    assert set(reasons(acme).values()) == {"shared_phone"}


row = st.tuples(
    st.sampled_from(["", "", "1", "2"]),
    st.sampled_from(["", "a@example.com", "b@example.com", "c@example.com"]),
    st.sampled_from([OFFICE, OFFICE, HOME, ""]),
    st.sampled_from(["Ann", "Bob", "Cy"]),
)
runs = itertools.count()


def of_run(run: int, values: tuple) -> tuple:
    """The row with identities that no other run of the test uses: consent can't be deleted, so contacts stay."""
    identity, email, phone, name = values
    return identity and f"{identity}-{run}", email and f"{run}{email}", phone and f"{phone[:6]}{run:06}", name


def known_to(run: int, known: list[tuple]) -> None:
    """Create these contacts, as far as nobody has their identities."""
    seen: set[str] = set()
    for identity, email, phone, name in (of_run(run, values) for values in known):
        if (identity or email or phone) and not {identity, email} & seen:
            seen |= {value for value in (identity, email) if value}
            Contact.objects.create(
                external_id=identity or None, email=email or None, phone=phone or None, first_name=name
            )


@example(  # two that waited for one number, and one that changed who had it meanwhile
    known=[("", "b@example.com", HOME, "Ann")],
    rows=[("", "", OFFICE, "Ann"), ("", "a@example.com", OFFICE, "Ann"), ("", "b@example.com", OFFICE, "Ann")],
    mode="both",
)
@given(
    known=st.lists(row, max_size=3),
    rows=st.lists(row, min_size=1, max_size=7),
    mode=st.sampled_from(["both", "add"]),
)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.target],
    suppress_health_check=list(HealthCheck),
)
def test_the_forecast_is_the_result_whatever_the_chunks(acme, known, rows, mode):
    results = []
    for size in (1, 3, 100):
        run, previous = next(runs), prefetch.CHUNK
        with scope(acme):
            newest = max(Contact.objects.values_list("pk", flat=True), default=0)
            known_to(run, known)
        prefetch.CHUNK = size
        try:
            lines = [",".join(of_run(run, values)) for values in rows]
            done = forecast_and_import(acme, "\n".join([",".join(ALL), *lines]), ALL, mode=mode)
        finally:
            prefetch.CHUNK = previous
        with scope(acme):
            new = Contact.objects.filter(pk__gt=newest).values_list("external_id", "email", "phone")
            rejected = RejectedRow.objects.filter(contact_import=done).values_list("line", "reason")
            # Where the mode skips somebody, a second row of the same chunk counts as merged.
            told = (done.created, done.updated, done.skipped + done.merged, done.rejected)
            results.append((told, sorted(rejected), sorted(_without(run, values) for values in new)))
    # A row with both an id and an address ties others together that a chunk can't see before it asks the database.
    if not any(identity and email for identity, email, _phone, _name in [*known, *rows]):
        assert results[0] == results[1] == results[2]


def _without(run: int, values: tuple) -> tuple:
    identity, email, phone = ((value or "") for value in values)
    return identity.removesuffix(f"-{run}"), email.removeprefix(str(run)), phone[:6]


def sms_words(workspace) -> dict[str, tuple]:
    """By e-mail address: SMS status, and source and reason of the newest opt-out."""
    with scope(workspace):
        people = {person.email: person for person in Contact.objects.all()}
        rows = Consent.objects.filter(channel="sms", state="withdrawn").order_by("id")
        newest = {row.contact_id: (row.source, row.reason) for row in rows}
        return {email: (person.sms_status, *newest.get(person.pk, ())) for email, person in people.items()}


@pytest.mark.parametrize("is_rejected", [False, True])
def test_the_reason_of_a_no_stays_with_the_one_whom_the_row_names(acme, is_rejected):
    with scope(acme):
        for name in ("ann", "bob"):
            Contact.objects.create(email=f"{name}@home.example", phone=HOME, sms_status="subscribed")
    city = "Ly\0on" if is_rejected else "Lyon"
    done = prepare(acme, f"email,phone,SMS opt-out date,city\nann@home.example,{HOME},2024-03-01,{city}\n")
    done = finish(acme, done)
    assert done.rejected == int(is_rejected)
    found = sms_words(acme)
    assert found["ann@home.example"] == ("unsubscribed", "import", "SMS opt-out date: 2024-03-01")
    assert found["bob@home.example"] == ("unsubscribed", "same_number", "")
    with scope(acme):
        assert Consent.objects.get(source="same_number").at.year >= 2026, "the date is ann's, too"


def test_a_row_with_a_number_alone_says_no_for_all_who_have_it(acme):
    with scope(acme):
        for name in ("ann", "bob"):
            Contact.objects.create(email=f"{name}@home.example", phone=HOME, sms_status="subscribed")
    done = finish(acme, prepare(acme, f"phone,SMS opt-out\n{HOME},yes\n"))
    assert done.rejected == 1
    assert {row[:2] for row in sms_words(acme).values()} == {("unsubscribed", "import")}


def test_a_rejected_no_counts_for_the_number_that_the_contact_has_now(acme):
    with scope(acme):
        Contact.objects.create(email="ann@home.example", phone=OFFICE, sms_status="subscribed")
    finish(acme, prepare(acme, f"email,phone,SMS opt-out,city\nann@home.example,{HOME},yes,Ly\0on\n"))
    assert sms_words(acme)["ann@home.example"][:2] == ("unsubscribed", "import")


@pytest.mark.parametrize("chunk", [1, 100])
def test_where_the_file_says_no_yes_of_one_the_yes_of_another_with_the_number_stands(acme, monkeypatch, chunk):
    monkeypatch.setattr(prefetch, "CHUNK", chunk)
    text = f"email,phone,SMS opt-in\nbob@home.example,{HOME},yes\nann@home.example,{HOME},\n"
    finish(acme, prepare(acme, text, channels=["sms"]))
    assert sms_words(acme) == {"bob@home.example": ("subscribed",), "ann@home.example": ("pending",)}
