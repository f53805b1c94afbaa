"""Whatever a file looks like: who says no in it, in any recognised form, is never subscribed after the import.

IMPORT_EXAMPLES=5000 tries more than 60.
"""

import csv
import io
import itertools
import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.consent import ledger
from contacts.imports import (
    consent_columns,
    consent_headings,
    consent_values,
    consent_words,
    forecasting,
    prefetch,
    running,
)
from contacts.models import Consent, Contact, ContactImport, Suppression
from kernel.tenancy import scope
from tests.contacts.imports.running import COUNTS, prepare

EXAMPLES = int(os.environ.get("IMPORT_EXAMPLES", "60"))

# (heading, what says yes, what says no)
COLUMNS = [
    (
        "Status",
        ["subscribed", "Active", "confirmed"],
        ["unsubscribed", "Unsubscribed", "cleaned", "junk", "blocklisted"],
    ),
    ("EMAIL_BLACKLISTED", ["No", "0", "", "FALSE"], ["Yes", "1", "TRUE", "2024-03-01"]),
    ("Accepts Email Marketing", ["yes", "TRUE"], ["no", "FALSE"]),
    ("email_disabled", ["false"], ["true"]),
    ("email_status", ["subscribed"], ["unsubscribed", "bounced", "complained"]),
    ("Newsletter (oui/non)", ["oui", "Oui", "O"], ["non", "NON", "désinscrit"]),
    ("Désinscrit le", ["", "0000-00-00"], ["12/03/2024", "2024-03-12 10:00:00"]),
    ("Abonné", ["oui"], ["non", "désabonnée"]),
    ("Einwilligung", ["ja", "Ja"], ["nein", "widerrufen"]),
    ("Newsletter abgemeldet", ["Nein", ""], ["Ja", "01.03.2024"]),
    ("Consentimiento", ["sí", "si"], ["no", "baja"]),
    ("Disiscritto", ["no", ""], ["sì", "SI"]),
    ("Consentimento", ["sim"], ["não", "descadastrado"]),
    ("Toestemming", ["ja"], ["nee", "uitgeschreven"]),
    ("Unsubscribed from all email", [""], ["true"]),
    ("Do Not Contact", ["0"], ["1"]),
    ("1. No marketing emails", ["0", ""], ["1", "yes"]),
    ("Baja o no contactar", ["no", ""], ["sí", "x"]),
]
# What may stand before a heading and is no yes, though it is one in a cell; and the choice behind it.
BEGINNINGS = ("", "1. ", "2) ", "1 ", "o ", "y ", "x ", "Si ", "E-mail 1 ")
CHOICES = ("", " (yes/no)", " oui/non", " [o/n]", " (1|0)", ": si o no", " ja oder nein")
YES_AND_NO = sorted(consent_words.YES | consent_words.NO)


@st.composite
def files(draw):
    columns = draw(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=2, unique_by=lambda column: column[0]))
    said = st.lists(st.booleans(), min_size=len(columns), max_size=len(columns))
    # Both values stand in the file, so that the column is recognised.
    people = [(8, False, [False] * len(columns)), (9, False, [True] * len(columns))]
    people += draw(st.lists(st.tuples(st.integers(0, 6), st.booleans(), said), max_size=12))
    rows = [
        (number, has_phone, refuses, [draw(st.sampled_from(values[1 + refuse])) for values, refuse in pairs])
        for number, has_phone, refuses in draw(st.permutations(people))
        for pairs in [list(zip(columns, refuses, strict=True))]
    ]
    return {
        "headings": [heading for heading, _yes, _no in columns],
        "rows": rows,
        "mode": draw(st.sampled_from(ContactImport.Mode.values)),
        "channels": draw(st.sampled_from([["email"], ["email", "sms"]])),
        "chunk": draw(st.sampled_from([1, 2, 100])),
        "known": draw(st.booleans()),
        "times": draw(st.integers(1, 2)),
        "phones": draw(st.booleans()),
    }


numbers = itertools.count(10)


def text_of(file: dict, place: int) -> str:
    """The file, with addresses and phone numbers of their own for each example."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["email", *(["phone"] if file["phones"] else []), *file["headings"]])
    for row, (person, has_phone, _refuses, cells) in enumerate(file["rows"]):
        email = f"p{person}@s{place}.example" if row % 2 else f" P{person}@S{place}.Example "
        phone = [f"+336{place:05d}{person:03d}" if has_phone else ""] if file["phones"] else []
        writer.writerow([email, *phone, *cells])
    return out.getvalue()


def headings_around(phrases) -> list[str]:
    return [f"{before}{phrase}{after}" for phrase in sorted(phrases) for before in BEGINNINGS for after in CHOICES]


def test_a_number_or_a_choice_beside_a_phrase_of_refusal_takes_nothing_from_it():
    wrong = [
        heading
        for heading in headings_around(consent_words.REFUSAL_WITHIN)
        if consent_values.state_of("yes", consent_headings.kind_of(heading)) == "granted"
        or consent_headings.heading_of(heading) is None
    ]
    assert wrong == []


def test_a_number_or_a_choice_beside_a_denied_yes_makes_no_yes_of_it():
    denied = {
        f"{no} {yes}" for no in ("no", "non", "nicht", "sans", "not yet") for yes in consent_words.OPT_IN_HEADINGS
    }
    wrong = [
        heading
        for heading in headings_around(denied)
        if consent_headings.heading_of(heading)
        and consent_values.state_of("yes", consent_headings.kind_of(heading)) == "granted"
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "heading",
    [
        "Newsletter: 1 = no, 0 = yes",
        "Newsletter (0 = yes, 1 = no)",
        "Newsletter : 1 = non, 0 = oui",
        "Newsletter (yes = 0, no = 1)",
        "Newsletter (1: no, 0: yes)",
        "Newsletter (1 no, 0 yes)",
        "Newsletter (1 -> nein)",
        "Newsletter (1 means no)",
        "Unsubscribed (1 = no, 0 = yes)",
        "Unsubscribed (1 no, 0 yes)",
        "Statut (0 = désabonné, 1 = abonné)",
        "Statut (0: désabonné, 1: abonné)",
        "Newsletter (yes/no = 0/1)",
    ],
)
def test_where_a_heading_says_what_its_values_mean_none_of_them_is_a_yes(heading):
    kind = consent_headings.kind_of(heading)
    assert consent_columns.guess_meaning(heading, {"1": 3, "0": 2}) == "consent"
    assert {consent_values.state_of(cell, kind) for cell in [*YES_AND_NO, "2024-03-01", ""]} == {"pending"}


@given(file=files())
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_who_says_no_is_never_subscribed(acme, file):
    place = next(numbers)
    text = text_of(file, place)
    everybody = {f"p{person}@s{place}.example" for person, *_rest in file["rows"]}
    refusing = {f"p{person}@s{place}.example" for person, _phone, refuses, _cells in file["rows"] if any(refuses)}
    with scope(acme):
        for email in sorted(everybody) if file["known"] else []:
            ledger.grant(Contact.objects.create(email=email), source="form", wording="yes please")
    previous_chunk, prefetch.CHUNK = prefetch.CHUNK, file["chunk"]
    try:
        for _time in range(file["times"]):
            done = prepare(acme, text, mode=file["mode"], channels=file["channels"])
            assert {"email_consent", "consent"} & set(done.mapping)
            forecast = run_with_forecast(acme, done)
            assert Counter(forecast["refused"]) == Counter(done.refused)
            check(acme, place, refusing)
    finally:
        prefetch.CHUNK = previous_chunk


def run_with_forecast(workspace, done) -> dict:
    with scope(workspace):
        done.preview = {"forecast": {"token": "t", "done": False}}
        done.save()
    forecasting.run(workspace.pk, done.pk, "t")
    with scope(workspace):
        done.refresh_from_db()
        forecast = done.preview["forecast"]
        running.start(done, None)
    assert running.run(workspace.pk, done.pk)
    with scope(workspace):
        done.refresh_from_db()
    assert done.rows == sum(getattr(done, name) for name in COUNTS)
    return forecast


def check(workspace, place: int, refusing: set[str]) -> None:
    """Nobody of `refusing` is subscribed, and their addresses are suppressed; nothing that was said is recorded twice. A
    complaint after an opt-out is something else than the opt-out."""
    with scope(workspace):
        people = Contact.objects.filter(email__endswith=f"@s{place}.example")
        assert not set(people.filter(status="subscribed").values_list("email", flat=True)) & refusing
        suppressed = Suppression.objects.filter(channel="email").values_list("recipient", flat=True)
        assert set(people.values_list("email", flat=True)) & refusing <= set(suppressed)
        refusals = Consent.objects.filter(contact__in=people, state="withdrawn")
        recorded = Counter(refusals.values_list("contact_id", "channel", "reason"))
        assert max(recorded.values(), default=1) == 1
