"""What a forecast says will be created and whom it says will be subscribed is what the import then does."""

import random

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from contacts.imports import forecast_consent, prefetch
from contacts.imports.rows import Row
from contacts.models import Company, Consent, Contact, ContactField, ContactImport, ContactList, Suppression, Tag
from contacts.people import merging
from kernel.tenancy import scope
from tests.contacts.imports.running import COUNTS, finish, forecast_of, prepare
from tests.contacts.imports.test_programs import FILES, prepared
from tests.markup import flat

PAGE = "/w/acme/contacts/imports/"
NAMES = {"tags": Tag, "lists": ContactList, "companies": Company}


@pytest.mark.parametrize("address", ["email", "phone"])
@pytest.mark.parametrize("external_id", [None, "7"])
@pytest.mark.parametrize("phone", [None, "+33612345678"])
@pytest.mark.parametrize("email", [None, "ann@shop.example"])
def test_the_forecast_and_the_import_agree_whom_a_refusal_is_about(db, email, phone, external_id, address):
    names_all = forecast_consent.NAMES_ALL.format(address=address)
    statement = f"SELECT {names_all} FROM (SELECT %s::text, %s::text) v(email, external_id)"
    with connection.cursor() as cursor:
        cursor.execute(statement, [email, external_id])
        (said,) = cursor.fetchone()
    assert said == Row(1, email=email, phone=phone, external_id=external_id).names_all(address)


def names_in(workspace) -> dict[str, set[str]]:
    with scope(workspace):
        found = {kind: set(model.objects.present().values_list("name", flat=True)) for kind, model in NAMES.items()}
        return found | {"fields": set(ContactField.objects.values_list("label", flat=True))}


def created_by(workspace, done: ContactImport) -> dict[str, set[str]]:
    before = names_in(workspace)
    finish(workspace, done)
    after = names_in(workspace)
    return {kind: created for kind in after if (created := after[kind] - before[kind])}


def told(forecast: dict) -> dict[str, set[str]]:
    creations = forecast["creations"]
    assert all(len(found["names"]) == found["count"] for found in creations.values())
    return {kind: set(found["names"]) for kind, found in creations.items()}


def subscribed_by(workspace, done: ContactImport, channel: str = "email") -> int:
    """How many people are subscribed in the end because the import subscribed them."""
    status = "status" if channel == "email" else f"{channel}_status"
    with scope(workspace):
        grants = Consent.objects.filter(import_id=done.pk, channel=channel, state="granted")
        return Contact.objects.filter(pk__in=grants.values("contact"), **{status: "subscribed"}).count()


@pytest.mark.parametrize("name", FILES)
def test_what_an_export_creates_and_whom_it_subscribes_is_told_before(acme, name):
    with scope(acme):
        Tag.objects.create(name="VÏP")
        ContactList.objects.create(name="cours du soir")
        Company.objects.create(name="PERRIN SARL")
    done = prepared(acme, name)
    with scope(acme):
        done.channels = ["email", "sms"]
        done.save()
    forecast = forecast_of(acme, done)
    assert told(forecast) == created_by(acme, done)
    for channel in ("email", "sms"):
        outcomes = forecast["consent"][channel]
        assert outcomes["subscribed"] == subscribed_by(acme, done, channel)
        assert sum(outcomes.values()) == forecast["counts"]["created"]


ANSWERS = ["yes", "yes", "yes", "no", "", "bounced", "spam"]


def odd_file(seed: int, *, answers: bool) -> str:
    """Rows about few people, again and again, some rejected, that name tags, lists and companies in any case."""
    rng = random.Random(seed)
    lines = ["email,tags,lists,company,opt in" if answers else "email,tags,lists,company"]
    for _ in range(60):
        person = rng.choice([f"p{rng.randrange(25)}@x.example", "broken", f"P{rng.randrange(25)}@X.example"])
        tags = "; ".join(
            rng.choice(["VIP", "vip", "Été", "ete", "Salon", "known", "Gone"]) for _ in range(rng.randrange(3))
        )
        row = [
            person,
            tags,
            rng.choice(["", "News", "NEWS", "old list"]),
            rng.choice(["", "Acme", "ACME", "Zeta", "Lost"]),
        ]
        lines.append(",".join([*row, rng.choice(ANSWERS)] if answers else row))
    return "\n".join(lines)


def populate(seed: int) -> None:
    """People who are known before, each in another state."""
    rng = random.Random(-seed)
    for n, status in enumerate(["subscribed", "unsubscribed", "pending", "bounced", "complained", "subscribed"]):
        person = Contact.objects.create(email=f"p{n * 3 + rng.randrange(3)}@x.example", status=status)
        if n == 5:
            person.discard()
    Suppression.objects.create(channel="email", recipient=f"p{20 + rng.randrange(5)}@x.example", reason="unsubscribed")
    Tag.objects.create(name="Known")
    Tag.objects.create(name="gone").discard()
    ContactList.objects.create(name="Old list")
    Company.objects.create(name="lost").discard()


@pytest.mark.parametrize("answers", [True, False], ids=["row by row", "for everyone"])
@pytest.mark.parametrize("mode", ContactImport.Mode.values)
@pytest.mark.parametrize("seed", range(4))
def test_the_forecast_of_an_odd_file_is_exact(acme, monkeypatch, seed, mode, answers):
    monkeypatch.setattr(prefetch, "CHUNK", 7)  # people and names come again in other chunks
    with scope(acme):
        populate(seed)
    done = prepare(acme, odd_file(seed, answers=answers), mode=mode, clear_empty=bool(seed % 2))
    with scope(acme):
        done.to_make = done.to_make | {"tags": ["Vip", "For all"], "lists": ["news"]}
        done.save()
    forecast = forecast_of(acme, done)
    created = created_by(acme, done)
    created.get("companies", set()).discard("lost")  # it came back from the trash
    assert told(forecast) == {kind: names for kind, names in created.items() if names}
    assert forecast["consent"]["email"]["subscribed"] == subscribed_by(acme, done)
    assert sum(forecast["consent"]["email"].values()) == forecast["counts"]["created"] + forecast["counts"]["updated"]


#: What is known before, the file, its forecast for the channel and how many it subscribes. All are subscribed to nothing
#: at first.
CASES = {
    "a bounce ends with the address": (
        [{"external_id": "A", "email": "old@x.example", "status": "bounced"}],
        "id,email\nA,new@x.example\n",
        "email",
        {"subscribed": 1},
    ),
    "an opt-out behind a bounce stays": (
        [{"external_id": "A", "email": "old@x.example", "status": "bounced", "withdrawn": "email"}],
        "id,email\nA,new@x.example\n",
        "email",
        {"opted_out": 1},
    ),
    "a new address that is suppressed": (
        [{"external_id": "A", "email": "old@x.example", "status": "subscribed"}],
        "id,email\nA,no@x.example\n",
        "email",
        {"opted_out": 1},
    ),
    "a new number of somebody who bounced": (
        [{"email": "a@x.example", "phone": "+33612345670", "sms_status": "bounced"}],
        "email,phone\na@x.example,+33612345671\n",
        "sms",
        {"subscribed": 1},
    ),
    "a number in a later row": (
        [],
        "email,phone\na@x.example,\nb@x.example,\na@x.example,+33612345670\n",
        "sms",
        {"subscribed": 1, "no_address": 1},
    ),
    "a number in a later row that says no": (
        [],
        "email,phone,SMS opt-in\na@x.example,,yes\na@x.example,+33612345670,no\n",
        "sms",
        {"file": 1},
    ),
    "a shared number of which a row says no": (
        [],
        "email,phone,SMS opt-out\na@x.example,+33612345670,no\nb@x.example,+33612345670,no\n"
        "c@x.example,+33612345670,yes\nd@x.example,+33612345671,no\n",
        "sms",
        {"subscribed": 1, "file": 3},
    ),
    "a shared number of which a row doesn't say yes": (
        [],
        "email,phone,SMS opt-in\na@x.example,+33612345670,yes\nb@x.example,+33612345670,\n",
        "sms",
        {"subscribed": 1, "file": 1},
    ),
    "a rejected row that says no for whom it names": (
        [],
        "email,phone,SMS opt-out,city\na@x.example,+33612345670,no,Lyon\na@x.example,+33612345671,yes,Ly\0on\n",
        "sms",
        {"file": 1},
    ),
}


@pytest.mark.parametrize("chunk", [1, 100])
@pytest.mark.parametrize("case", CASES)
def test_addresses_that_change_or_are_shared_are_told_before(acme, monkeypatch, case, chunk):
    monkeypatch.setattr(prefetch, "CHUNK", chunk)
    known, text, channel, told_before = CASES[case]
    with scope(acme):
        for fields in known:
            withdrawn = fields.get("withdrawn")
            person = Contact.objects.create(**{name: fields[name] for name in fields.keys() - {"withdrawn"}})
            if withdrawn:
                Consent.objects.create(contact=person, channel=withdrawn, state="withdrawn", source="page")
        Suppression.objects.create(channel="email", recipient="no@x.example", reason="unsubscribed")
    done = prepare(acme, text, channels=[channel])
    outcomes = {outcome: number for outcome, number in forecast_of(acme, done)["consent"][channel].items() if number}
    finish(acme, done)
    assert outcomes == told_before
    assert outcomes.get("subscribed", 0) == subscribed_by(acme, done, channel)


@pytest.mark.parametrize("chunk", [1, 100])
def test_the_addresses_of_merged_contacts_are_told_before(acme, monkeypatch, chunk):
    """Rows about one person, under their own address and that of a contact that was merged into theirs."""
    monkeypatch.setattr(prefetch, "CHUNK", chunk)
    with scope(acme):
        for name, status in (("a", "pending"), ("b", "unsubscribed"), ("c", "pending")):
            kept = Contact.objects.create(email=f"{name}@x.example", status=status)
            merging.merge(kept, Contact.objects.create(email=f"old-{name}@x.example"), set(), actor=None, address=None)
    addresses = ["old-a", "new", "a", "b", "old-b", "old-c", "new", "old-a"]
    done = prepare(acme, "email\n" + "\n".join(f"{address}@x.example" for address in addresses))
    forecast = forecast_of(acme, done)
    finish(acme, done)
    said = {name: forecast["counts"].get(name, 0) for name in COUNTS}
    assert said == {name: getattr(done, name) for name in COUNTS}
    assert said == {"created": 1, "updated": 3, "skipped": 0, "merged": 4, "rejected": 0}
    outcomes = {outcome: number for outcome, number in forecast["consent"]["email"].items() if number}
    assert outcomes == {"subscribed": 3, "opted_out": 1}
    assert subscribed_by(acme, done) == 3


SMS_ANSWERS = ["yes", "yes", "yes", "yes", "no", "", "bounced"]
PHONES = [f"+3361234567{n}" for n in range(7)]


def odd_people(seed: int, *, answers: bool) -> str:
    """Rows about few people, whose number comes in some row, and is another one's, too."""
    rng = random.Random(seed)
    lines = ["id,email,phone,SMS opt in" if answers else "id,email,phone"]
    for _ in range(60):
        n = rng.randrange(20)
        row = [f"A{n}", f"p{n}@x.example", rng.choice(["", PHONES[n % 7]])]
        lines.append(",".join([*row, rng.choice(SMS_ANSWERS)] if answers else row))
    return "\n".join(lines)


def populate_with_phones(seed: int) -> None:
    """People who are known before, each in another state on both channels, some with one number."""
    rng = random.Random(-seed)
    statuses = ["subscribed", "unsubscribed", "pending", "bounced", "complained", "bounced"]
    for n, status in enumerate(statuses):
        person = Contact.objects.create(
            external_id=f"A{n}",
            email=rng.choice([None, f"p{n}@x.example", f"p{n}@z.example"]),
            phone=rng.choice([None, PHONES[n]]),
            status=status,
            sms_status=statuses[n - 2],
        )
        if n == 5:
            for channel in ("email", "sms"):
                Consent.objects.create(contact=person, channel=channel, state="withdrawn", source="page")
    for channel, recipient in (("email", "p7@x.example"), ("sms", PHONES[6])):
        Suppression.objects.create(channel=channel, recipient=recipient, reason="unsubscribed")


@pytest.mark.parametrize("answers", [True, False], ids=["row by row", "for everyone"])
@pytest.mark.parametrize("mode", ContactImport.Mode.values)
@pytest.mark.parametrize("seed", range(3))
def test_the_forecast_of_odd_addresses_is_exact(acme, monkeypatch, seed, mode, answers):
    monkeypatch.setattr(prefetch, "CHUNK", 7)
    with scope(acme):
        populate_with_phones(seed)
    done = prepare(acme, odd_people(seed, answers=answers), mode=mode, channels=["email", "sms"])
    forecast = forecast_of(acme, done)
    finish(acme, done)
    assert {name: forecast["counts"][name] for name in ("created", "updated")} == {
        "created": done.created,
        "updated": done.updated,
    }
    for channel in ("email", "sms"):
        outcomes = forecast["consent"][channel]
        assert outcomes["subscribed"] == subscribed_by(acme, done, channel), channel
        assert sum(outcomes.values()) == done.created + done.updated


def test_a_no_in_a_row_with_errors_counts_before_as_it_does_after(acme):
    done = prepare(acme, "email,opt in,city\na@x.example,no,Ly\0on\na@x.example,yes,Lyon\nb@x.example,yes,Lyon\n")
    forecast = forecast_of(acme, done)
    finish(acme, done)
    assert forecast["counts"]["rejected"] == done.rejected == 1
    assert forecast["consent"]["email"]["subscribed"] == subscribed_by(acme, done) == 1


def test_of_many_names_the_first_twenty_are_told_with_their_number(acme):
    rows = "".join(f"p{n}@x.example,tag {n:03}\n" for n in range(150))
    done = prepare(acme, "email,tags\n" + rows)
    forecast = forecast_of(acme, done)
    assert forecast["creations"]["tags"] == {"count": 150, "names": [f"tag {n:03}" for n in range(20)]}


def test_a_file_of_companies_or_suppressions_says_nothing_about_consent(acme):
    done = prepare(acme, "name\nAcme\n", ["company"], target="companies")
    forecast = forecast_of(acme, done)
    assert "creations" not in forecast and forecast["consent"] == {}


def test_the_page_tells_what_will_be_created_and_whom_it_subscribes(acme, bob, as_user, run_jobs):
    client = as_user(bob)
    text = "email,tags,société,status,Points\na@x.example,VIP; Salon,Acme,subscribed,3\nb@x.example,VIP,Acme,unsubscribed,4\n"
    page = client.post(PAGE + "new/", {"file": SimpleUploadedFile("p.csv", text.encode())})["Location"]
    with scope(acme):
        done = ContactImport.objects.get()
    answers = {f"column_{n}": meaning for n, meaning in enumerate(done.mapping)}
    answers |= {"consent_source": "fair <2024>", "confirmed": "on", "channels": "email", "value0_3": "granted"}
    answers |= {"value1_3": "withdrawn"}
    client.post(page + "forecast/new/", answers)
    run_jobs()
    shown = flat(client.get(page))
    for words in ("Will be created", "Salon · VIP", "Acme", "Points", "Will be subscribed", "“fair &lt;2024&gt;”"):
        assert words in shown
    with scope(acme):
        preview = ContactImport.objects.get().preview["forecast"]
    assert preview["consent"] == {"email": {"subscribed": 1, "already": 0, "opted_out": 0, "file": 1, "no_address": 0}}


def test_a_page_without_a_channel_says_that_nobody_is_subscribed(acme, bob, as_user, run_jobs):
    client = as_user(bob)
    page = client.post(PAGE + "new/", {"file": SimpleUploadedFile("p.csv", b"email\na@x.example\n")})["Location"]
    client.post(page + "forecast/new/", {"column_0": "email"})
    run_jobs()
    assert "nobody will be subscribed" in flat(client.get(page))
