"""A number that several contacts have: who says no says it for the number, who says yes says it for themselves."""

import pytest
from django.db import connection

from contacts.consent import bulk_opt_out, ledger, suppression_list
from contacts.models import Channel, Consent, Contact, Suppression
from contacts.people import merging
from contacts.privacy import erasure, subject_data
from kernel.tenancy import scope
from tests.contacts.imports.running import import_file

HOME = "+33612345678"
ON = {"sms_status": "subscribed", "whatsapp_status": "subscribed", "status": "subscribed"}


@pytest.fixture
def family(acme):
    with scope(acme):
        return [Contact.objects.create(email=f"{name}@example.com", phone=HOME, **ON) for name in ("ann", "bob", "cy")]


def statuses(workspace, channel="sms") -> dict[str, str]:
    with scope(workspace):
        return dict(Contact.objects.values_list("email", f"{channel}_status"))


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.WHATSAPP])
def test_an_opt_out_is_the_numbers(acme, beta, family, channel):
    with scope(beta):
        Contact.objects.create(email="ann@example.com", phone=HOME, **ON)
    proof = {"source": Consent.Source.PREFERENCES, "reason": "too many", "address": "192.0.2.1", "page": "/p/"}
    with scope(acme):
        ledger.withdraw(family[1], channel=channel, **proof)
    assert set(statuses(acme, channel).values()) == {"unsubscribed"}
    assert set(statuses(beta, channel).values()) == {"subscribed"}
    with scope(acme):
        assert Suppression.objects.get().recipient == HOME
        rows = dict(Consent.objects.values_list("contact__email", "source"))
        assert rows == {
            "bob@example.com": "preferences",
            "ann@example.com": "same_number",
            "cy@example.com": "same_number",
        }
        followed = Consent.objects.filter(source="same_number")
        assert set(followed.values_list("reason", "address", "page", "state")) == {("", None, "", "withdrawn")}
        assert {*Contact.objects.values_list("status", flat=True)} == {"subscribed"}, "e-mail goes on"
        ledger.withdraw(family[0], channel=channel, **proof)
        assert Consent.objects.count() == 3, "nothing is left to end"


def test_an_e_mail_opt_out_is_one_persons(acme, family):
    with scope(acme):
        ledger.withdraw(family[0], source=Consent.Source.PAGE)
        assert {*Contact.objects.values_list("email", "status")} == {
            ("ann@example.com", "unsubscribed"),
            ("bob@example.com", "subscribed"),
            ("cy@example.com", "subscribed"),
        }


def test_who_said_no_may_say_yes_again_for_themselves(acme, family):
    ann, bob, _cy = family
    with scope(acme):
        ledger.withdraw(ann, channel="sms", source=Consent.Source.PREFERENCES)
        bob.refresh_from_db()
        assert not ledger.grant(bob, channel="sms", source=Consent.Source.PREFERENCES, wording="yes"), (
            "ann reads it, too"
        )
        assert Suppression.objects.exists()
        assert ledger.grant(ann, channel="sms", source=Consent.Source.FORM, wording="yes")
        assert not Suppression.objects.exists()
    assert statuses(acme) == {
        "ann@example.com": "subscribed",
        "bob@example.com": "unsubscribed",
        "cy@example.com": "unsubscribed",
    }
    with scope(acme):
        assert ledger.grant(bob, channel="sms", source=Consent.Source.FORM, wording="yes")


def test_a_no_counts_whoever_wrote_it_down(acme, family):
    ann, bob, _cy = family
    for source in set(Consent.Source) - {Consent.Source.SAME_NUMBER}:
        with scope(acme):
            ledger.withdraw(ann, channel="sms", source=source)
            bob.refresh_from_db()
            assert not ledger.grant(bob, channel="sms", source=Consent.Source.FORM, wording="yes"), source
            assert Suppression.objects.exists()
            assert ledger.grant(ann, channel="sms", source=Consent.Source.FORM, wording="yes")


def test_a_do_not_contact_file_reaches_everybody_with_the_number(acme, family):
    done = import_file(acme, f"phone\n{HOME}\n", ["phone"], target="suppress")
    assert done.kept_out == 3 and set(statuses(acme).values()) == {"unsubscribed"}


def test_a_new_contact_with_the_number_starts_unsubscribed(acme, family):
    with scope(acme):
        ledger.withdraw(family[0], channel="sms", source=Consent.Source.PREFERENCES)
    import_file(acme, f"email,phone\ndee@example.com,{HOME}\n", ["email", "phone"], channels=["sms"], basis="contract")
    assert statuses(acme)["dee@example.com"] == "unsubscribed"


def test_a_merge_that_brings_a_no_to_the_number_is_everybodys(acme, family):
    with scope(acme):
        other = Contact.objects.create(email="z@example.com", phone="+33699999999", sms_status="unsubscribed")
        merging.merge(family[0], other, set(), actor=None, address=None)
        assert Suppression.objects.filter(channel="sms", recipient=HOME).exists()
    assert statuses(acme)["bob@example.com"] == "unsubscribed"


def test_many_contacts_with_one_number_are_unsubscribed_in_one_statement(acme, django_assert_max_num_queries):
    with scope(acme):
        people = [Contact(email=f"p{n}@example.com", phone=HOME, **ON) for n in range(2000)]
        ids = [person.pk for person in Contact.objects.bulk_create(people)]
        with connection.cursor() as cursor, django_assert_max_num_queries(6):
            changed = bulk_opt_out.withdraw(cursor, acme.pk, ids[:1], channel="sms", source="member")
        assert sorted(changed) == ids
        assert Consent.objects.filter(source="same_number").count() == 1999


def test_erasing_one_leaves_the_number_to_the_others(acme, family):
    with scope(acme):
        erasure.erase(family[0])
        assert suppression_list.of_address("email", "ann@example.com") is not None
        assert suppression_list.of_address("sms", HOME) is None
    import_file(acme, f"email,phone,name\nbob@example.com,{HOME},Bob\n", ["email", "phone", "first_name"])
    with scope(acme):
        assert Contact.objects.get(email="bob@example.com").first_name == "Bob"
        for person in family[1:]:
            erasure.erase(Contact.objects.get(pk=person.pk))
        assert suppression_list.of_address("sms", HOME) is not None


def test_the_data_of_one_says_nothing_of_the_others(acme, family):
    with scope(acme):
        suppression_list.suppress("sms", HOME, Suppression.Reason.MANUAL, note="Bob called")
        ledger.withdraw(family[1], channel="sms", source=Consent.Source.PREFERENCES, address="192.0.2.1", reason="ill")
        data = str(subject_data.collect(family[0]))
        assert "Bob" not in data and "bob@" not in data and "192.0.2.1" not in data and "ill'" not in data
        for other in family[1:]:
            Contact.objects.filter(pk=other.pk).update(phone=None)
        assert "Bob called" in str(subject_data.collect(family[0])), "it is about nobody else now"
