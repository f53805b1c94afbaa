"""The contact that a row refers to: by external id, e-mail address or phone number; and the effect of each mode."""

import pytest

from contacts.consent import ledger, suppression_list
from contacts.imports import prefetch
from contacts.models import Consent, Contact, RejectedRow, Suppression
from contacts.people import merging
from kernel.tenancy import scope
from tests.contacts.imports.running import counts, import_file

ALL = ["external_id", "email", "phone", "first_name"]


def reasons(workspace) -> dict[int, str]:
    with scope(workspace):
        return dict(RejectedRow.objects.values_list("line", "reason"))


def test_people_without_an_address_are_known_by_phone_or_id(acme):
    done = import_file(
        acme, "tel;nom\n06 12 34 56 78;Ann\n0612345678;Anna\n+33 6 99 99 99 99;Bob\n", ["phone", "first_name"]
    )
    assert counts(done) == {"created": 2, "merged": 1}
    again = import_file(acme, "tel;nom\n06 12 34 56 78;Anne\n", ["phone", "first_name"])
    assert counts(again) == {"updated": 1}
    ids = import_file(acme, "id,x\nC-1,Eve\nC-2,Ulla\n", ["external_id", "first_name"])
    assert counts(ids) == {"created": 2}
    with scope(acme):
        people = dict(Contact.objects.values_list("first_name", "phone"))
        assert people == {"Anne": "+33612345678", "Bob": "+33699999999", "Eve": None, "Ulla": None}


def test_external_id_has_priority_over_email_over_phone(acme):
    with scope(acme):
        a = Contact.objects.create(external_id="A", email="a@example.com")
        b = Contact.objects.create(email="b@example.com")
        c = Contact.objects.create(phone="+33611111111")
    rows = "A,new-a@example.com,,A2\n,b@example.com,+33622222222,B2\nC,c@example.com,+33611111111,C2\n"
    done = import_file(acme, "id,email,phone,name\n" + rows, ALL)
    assert counts(done) == {"updated": 3}
    with scope(acme):
        for contact in (a, b, c):
            contact.refresh_from_db()
    assert (a.email, a.first_name) == ("new-a@example.com", "A2")
    assert (b.phone, b.first_name) == ("+33622222222", "B2")
    assert (c.external_id, c.email, c.first_name) == ("C", "c@example.com", "C2")


@pytest.mark.parametrize("chunk", [1, 100])
def test_a_row_that_matches_two_people_is_rejected(acme, monkeypatch, chunk):
    monkeypatch.setattr(prefetch, "CHUNK", chunk)
    with scope(acme):
        Contact.objects.create(external_id="A", email="a@example.com", phone="+33611111111")
        Contact.objects.create(external_id="B", email="b@example.com")
    rows = [
        "A,b@example.com,,the address is B's",
        "C,a@example.com,,the address is A's by another id",
        ",c@example.com,+33611111111,a colleague of A",
        "B,,+33611111111,so is B",
        "D,d@example.com,+33655555555,new",
        "E,d@example.com,,the address is D's",
        ",,+33655555555,D again",
    ]
    done = import_file(acme, "id,email,phone,name\n" + "\n".join(rows), ALL)
    assert reasons(acme) == {2: "conflict", 3: "conflict", 7: "conflict"}
    assert counts(done) == {"created": 2, "updated": 1, "merged": 1, "rejected": 3}
    with scope(acme):
        assert Contact.objects.count() == 4
        assert Contact.objects.filter(phone="+33611111111").count() == 3


@pytest.mark.parametrize("chunk", [1, 2, 100])
def test_no_address_of_a_file_is_replaced_by_another_one_of_it(acme, monkeypatch, chunk):
    """A customer number stands beside two addresses: one of them would be lost without a word."""
    monkeypatch.setattr(prefetch, "CHUNK", chunk)
    done = import_file(
        acme,
        "Email,External ID\nfoo@example.com,\nfoo@example.com,1\nfoo2@example.com,1\nfoo3@example.com,3\n",
    )
    assert counts(done) == {"created": 2, "merged": 1, "rejected": 1}
    assert reasons(acme) == {4: "two_addresses"}
    with scope(acme):
        assert set(Contact.objects.values_list("email", "external_id")) == {
            ("foo@example.com", "1"),
            ("foo3@example.com", "3"),
        }


@pytest.mark.parametrize("chunk", [1, 100])
@pytest.mark.parametrize("first, second", [("unsubscribed", "subscribed"), ("subscribed", "unsubscribed")])
def test_a_no_under_a_customer_number_with_two_addresses_is_heeded(acme, monkeypatch, chunk, first, second):
    monkeypatch.setattr(prefetch, "CHUNK", chunk)
    import_file(acme, f"id,email,status\n1,foo@example.com,{first}\n1,foo2@example.com,{second}\n")
    with scope(acme):
        assert Contact.objects.get().status == "unsubscribed"
        assert set(Suppression.objects.values_list("recipient", flat=True)) == {"foo@example.com"}


def test_a_file_may_give_a_known_customer_number_another_address(acme):
    with scope(acme):
        Contact.objects.create(external_id="1", email="old@example.com")
    assert counts(import_file(acme, "id,email\n1,new@example.com\n1,new@example.com\n")) == {"updated": 1, "merged": 1}
    with scope(acme):
        assert Contact.objects.get().email == "new@example.com"


def test_two_rows_of_a_chunk_about_one_person_update_one_contact(acme):
    """One row has the id, the other the address: only the database knows that they belong together."""
    with scope(acme):
        Contact.objects.create(external_id="A", email="a@example.com")
    done = import_file(acme, "id,email,phone,name\nA,,,First\n,a@example.com,,Second\n", ALL)
    assert counts(done) == {"updated": 1, "merged": 1}
    with scope(acme):
        assert Contact.objects.get().first_name == "Second"


@pytest.mark.parametrize("identity", ["email", "both"])
def test_merged_contacts_stand_for_the_one_they_were_merged_into(acme, identity):
    with scope(acme):
        winner, loser = Contact.objects.create(email="w@example.com"), Contact.objects.create(email="l@example.com")
        merging.merge(winner, loser, set(), actor=None, address=None)
    header, mapping = (
        ("email,name", ["email", "first_name"])
        if identity == "email"
        else ("email,name,phone", ["email", "first_name", "phone"])
    )
    done = import_file(acme, f"{header}\nl@example.com,Lee\nnew@example.com,N\n", mapping)
    assert counts(done) == {"created": 1, "updated": 1}
    with scope(acme):
        winner.refresh_from_db()
        loser.refresh_from_db()
    assert (winner.first_name, winner.email, loser.first_name) == ("Lee", "w@example.com", "")
    assert loser.deleted_at is not None


def test_modes(acme):
    with scope(acme):
        Contact.objects.create(email="old@example.com", first_name="Old")
        Contact.objects.create(email="gone@example.com", deleted_at="2026-01-01T00:00Z")
    rows = "email,name\nold@example.com,New\ngone@example.com,Back\nfresh@example.com,F\nfresh@example.com,G\n"
    assert counts(import_file(acme, rows, ["email", "first_name"], mode="update")) == {
        "updated": 1,
        "skipped": 2,
        "merged": 1,
    }
    assert counts(import_file(acme, rows, ["email", "first_name"], mode="add")) == {
        "created": 1,
        "updated": 1,
        "skipped": 1,
        "merged": 1,
    }
    with scope(acme):
        assert Contact.objects.get(email="fresh@example.com").first_name == "G"
        assert Contact.objects.get(email="gone@example.com").deleted_at is None


def test_consent_is_claimed_for_the_channels_declared_and_no_others(acme):
    with scope(acme):
        Contact.objects.create(phone="+33611111111")
        no = Contact.objects.create(phone="+33622222222", sms_status="unsubscribed")
        suppression_list.suppress("sms", "+33633333333", Suppression.Reason.UNSUBSCRIBED)
    rows = "".join(f"p{n}@example.com,+336{n}{n}{n}{n}{n}{n}{n}{n}\n" for n in range(1, 5))
    done = import_file(acme, "email,phone\n" + rows, ["email", "phone"], channels=["sms"], basis="contract")
    assert counts(done) == {"created": 2, "updated": 2} and done.kept_out == 2
    with scope(acme):
        assert dict(Contact.objects.values_list("phone", "sms_status")) == {
            "+33611111111": "subscribed",
            no.phone: "unsubscribed",
            "+33633333333": "unsubscribed",
            "+33644444444": "subscribed",
        }
        assert set(Contact.objects.values_list("status", "whatsapp_status")) == {("pending", "pending")}
        proofs = Consent.objects.values_list("contact__phone", "channel", "state", "basis", "source").order_by(
            "contact__phone"
        )
        assert list(proofs) == [(p, "sms", "granted", "contract", "import") for p in ("+33611111111", "+33644444444")]
        assert all(Consent.objects.values_list("wording_version", flat=True))


@pytest.mark.parametrize("mapping", [["email", "first_name"], ["email", "phone"]])
def test_an_erased_person_is_not_imported_again(acme, mapping):
    with scope(acme):
        suppression_list.erase("email", "gone@example.com")
    done = import_file(acme, "email,x\ngone@example.com,\nok@example.com,\n", mapping)
    assert counts(done) == {"created": 1, "rejected": 1} and reasons(acme) == {2: "erased"}


def test_the_first_status_of_a_suppressed_address(acme):
    with scope(acme):
        for n, reason in enumerate(["manual", "imported", "bounced", "complained"]):
            suppression_list.suppress("email", f"p{n}@example.com", reason)
    import_file(acme, "email,x\n" + "".join(f"p{n}@example.com,\n" for n in range(4)))
    with scope(acme):
        found = list(Contact.objects.order_by("email").values_list("status", flat=True))
    assert found == ["unsubscribed", "unsubscribed", "bounced", "complained"]


def test_a_restored_contact_stays_unsubscribed(acme):
    with scope(acme):
        Contact.objects.create(email="a@example.com", status="unsubscribed", deleted_at="2026-01-01T00:00Z")
    done = import_file(acme, "email,x\na@example.com,1\n")
    with scope(acme):
        contact = Contact.objects.get()
    assert contact.deleted_at is None and contact.status == "unsubscribed" and done.kept_out == 1


@pytest.mark.parametrize("mapping", [["email", "first_name"], ["email", "external_id"]], ids=["plain", "matched"])
def test_consent_does_not_survive_the_trash(acme, mapping):
    """After an undo, the same file is imported without consent: the old consent must not count."""
    statuses = dict.fromkeys(("status", "sms_status", "whatsapp_status", "tracking_status"), "subscribed")
    with scope(acme):
        Contact.objects.create(email="a@example.com", deleted_at="2026-01-01T00:00Z", **statuses)
    import_file(acme, "email,x\na@example.com,1\n", mapping, channels=[])
    with scope(acme):
        back = Contact.objects.get()
        assert back.deleted_at is None and {getattr(back, name) for name in statuses} == {"pending"}
        assert not Consent.objects.exists()


def test_a_restored_contact_that_agreed_again_has_a_new_proof(acme):
    with scope(acme):
        Contact.objects.create(email="a@example.com", status="subscribed", deleted_at="2026-01-01T00:00Z")
    import_file(acme, "email,x\na@example.com,1\n")
    with scope(acme):
        assert Contact.objects.get().status == "subscribed" and Consent.objects.get().wording == "form on our site"


def test_a_do_not_contact_file_also_suppresses_the_survivor_of_a_merge(acme):
    with scope(acme):
        winner = Contact.objects.create(email="w@example.com", status="subscribed")
        loser = Contact.objects.create(email="l@example.com", status="subscribed")
        merging.merge(winner, loser, set(), actor=None, address=None)
    import_file(acme, "email\nl@example.com\n", ["email"], target="suppress")
    with scope(acme):
        winner.refresh_from_db()
        assert winner.status == "unsubscribed"
        assert {*Suppression.objects.values_list("recipient", flat=True)} == {"l@example.com", "w@example.com"}


def test_a_new_address_ends_a_bounce(acme):
    with scope(acme):
        Contact.objects.create(external_id="A", email="old@example.com", status="bounced")
    import_file(acme, "id,email\nA,new@example.com\n", ["external_id", "email"])
    with scope(acme):
        assert Contact.objects.get().status == "subscribed" and Consent.objects.count() == 1


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_a_new_number_ends_a_bounce_and_no_opt_out_behind_it(acme, channel):
    status = f"{channel}_status"
    with scope(acme):
        for name in ("A", "B", "C"):
            person = Contact.objects.create(external_id=name, phone=f"+3361234567{ord(name) - 65}")
            if name == "B":
                ledger.withdraw(person, channel=channel, source=Consent.Source.PAGE)
        Contact.objects.update(**{status: "bounced"})
    rows = "A,+33612345680\nB,+33612345681\nC,+33612345672\n"  # the last one is no new number
    import_file(acme, "id,phone\n" + rows, ["external_id", "phone"], channels=[channel])
    with scope(acme):
        found = dict(Contact.objects.values_list("external_id", status))
    assert found == {"A": "subscribed", "B": "unsubscribed", "C": "bounced"}


def test_a_new_address_does_not_reverse_an_opt_out_that_a_bounce_hid(acme):
    with scope(acme):
        person = Contact.objects.create(external_id="A", email="old@example.com", status="subscribed")
        ledger.withdraw(person, source=Consent.Source.PAGE)
        Contact.objects.update(status="bounced")  # a transactional mail bounced
    import_file(acme, "id,email\nA,new@example.com\n", ["external_id", "email"])
    with scope(acme):
        assert Contact.objects.get().status == "unsubscribed"
        assert not Consent.objects.filter(state="granted").exists()
