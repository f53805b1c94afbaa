"""The suppression list: searching, adding, removing with a reason; blocked domains."""

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from contacts.consent import blocked_domains, bulk_opt_out, consent_rules, ledger, suppression_list
from contacts.models import BlockedDomain, Consent, Contact, Suppression
from kernel.pagination import paginate
from kernel.tenancy import scope
from tests.factories import RULES, contacts
from tests.markup import flat

LIST = "/w/acme/contacts/suppression/"


def listed(client, query="") -> str:
    response = client.get(LIST + query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_list_is_searched_by_beginning_channel_and_reason(acme, rita, as_user):
    with scope(acme):
        suppression_list.suppress("email", "ana@example.com", Suppression.Reason.UNSUBSCRIBED)
        suppression_list.suppress("email", "zoe@example.com", Suppression.Reason.COMPLAINED)
        suppression_list.suppress("sms", "+33612345678", Suppression.Reason.MANUAL)
    client = as_user(rita)
    page = listed(client)
    assert "ana@example.com" in page and "zoe@example.com" in page and "+336" not in page
    page = listed(client, "?q=AN")
    assert "ana@example.com" in page and "zoe@example.com" not in page
    page = listed(client, "?reason=complained")
    assert "zoe@example.com" in page and "ana@example.com" not in page
    assert "+33612345678" in listed(client, "?channel=sms")
    assert "+33612345678" in listed(client, "?channel=sms&q=06+12+34+56+78")  # as a person in France types it
    assert "No results" in listed(client, "?q=nobody")
    for query in ("?channel=x&reason=x", "?cursor=x", "?q=" + "x" * 5000):
        listed(client, query)


def test_an_erased_address_is_found_by_its_hash_and_not_shown(acme, rita, as_user):
    with scope(acme):
        suppression_list.erase("email", "gone@example.com")
        suppression_list.erase("email", "other@example.com")
    page = listed(as_user(rita), "?q=Gone@Example.com")
    assert page.count("Address of an erased contact") == 1 and "<td><span" not in flat(page)
    assert "No results" in listed(as_user(rita), "?q=gone@example.co")


def test_another_workspaces_list_is_not_seen(acme, beta, alice, as_user):
    with scope(beta):
        suppression_list.suppress("email", "theirs@example.com", Suppression.Reason.MANUAL)
        theirs = Suppression.objects.get()
    assert "No results" in listed(as_user(alice), "?q=theirs@example.com")
    assert as_user(alice).post(f"{LIST}{theirs.pk}/delete/", {"reason": "x"}).status_code == 404


def test_addresses_added_by_hand_unsubscribe_their_contacts(acme, bob, as_user):
    with scope(acme):
        known, bounced, _other = contacts(3)
        Contact.objects.filter(pk=bounced.pk).update(status="bounced")
        suppression_list.suppress("email", "p1@example.com", Suppression.Reason.BOUNCED)
        suppression_list.erase("email", "gone@example.com")
    text = "P0@example.com\r\n\r\n p1@example.com;\nnew@example.com\nnew@example.com\ngone@example.com\n"
    answer = (
        as_user(bob)
        .post(LIST + "new/", {"channel": "email", "addresses": text, "note": "rang us"}, follow=True)
        .content.decode()
    )
    assert "2 addresses added. 2 were already on the list. 2 contacts were unsubscribed." in answer
    with scope(acme):
        assert set(Suppression.objects.values_list("recipient", "reason", "note")) == {
            ("p0@example.com", "manual", "rang us"),
            ("p1@example.com", "bounced", ""),  # what a provider reported is not replaced by a weaker reason
            ("new@example.com", "manual", "rang us"),
            (None, "erased", ""),
        }
        assert dict(Contact.objects.values_list("email", "status")) == {
            "p0@example.com": "unsubscribed",
            "p1@example.com": "bounced",
            "p2@example.com": "subscribed",
        }
        proof = Consent.objects.get(contact=known)
        assert (proof.state, proof.source, proof.actor, proof.address) == ("withdrawn", "member", bob, "127.0.0.1")
        known.refresh_from_db()
        assert not ledger.grant(known, source=Consent.Source.MEMBER, wording="they said yes")
    with scope(acme):
        ledger.withdraw(known, source="member")
        ledger.withdraw(bounced, source="page")
        assert Consent.objects.count() == 2, "an opt-out is recorded once"


def test_invalid_lines_are_shown_and_no_input_is_lost(acme, bob, as_user):
    page = as_user(bob).post(LIST + "new/", {"channel": "sms", "addresses": "+33612345678\nfoo", "note": "n"})
    text = page.content.decode()
    assert "Line 2, “foo”" in text and "+33612345678" in text
    many = "\n".join(f"p{n}@example.com" for n in range(1001))
    text = as_user(bob).post(LIST + "new/", {"channel": "email", "addresses": many}).content.decode()
    assert "More than 1,000" in text
    empty = as_user(bob).post(LIST + "new/", {"channel": "email", "addresses": " ,\n;"}).content.decode()
    assert "at least one address" in empty
    short = as_user(bob).post(LIST + "new/", {"channel": "sms", "addresses": "12"}).content.decode()
    assert "The phone number is too short" in short
    for bad in ({}, {"channel": "x", "addresses": "a"}, {"channel": "email", "addresses": "a\0b@example.com"}):
        assert as_user(bob).post(LIST + "new/", bad).status_code == 200
    with scope(acme):
        assert not Suppression.objects.exists()


def test_removal_needs_a_reason_is_audited_and_grants_nothing(acme, bob, as_user):
    with scope(acme):
        (person,) = contacts(1)
        ledger.withdraw(person, source=Consent.Source.PAGE)
        entry = Suppression.objects.get()
    url, client = f"{LIST}{entry.pk}/delete/", as_user(bob)
    assert "consent. The contact keeps" in client.get(url).content.decode()
    assert "required" in client.post(url, {"reason": ""}).content.decode()
    assert (
        "the audit log is kept permanently" in client.post(url, {"reason": "p0@example.com said so"}).content.decode()
    )
    client.post(url, {"reason": "typing mistake"})
    with scope(acme):
        assert not Suppression.objects.exists()
        noted = AuditEntry.objects.get(verb="suppression.removed")
        assert noted.detail == {"channel": "email", "was": "unsubscribed", "why": "typing mistake"}
        assert Contact.objects.get().status == "unsubscribed"


@pytest.mark.parametrize("reason", ["complained", "erased"])
def test_removing_a_complaint_or_an_erasure_needs_a_confirmation(acme, bob, as_user, reason):
    with scope(acme):
        if reason == "erased":
            suppression_list.erase("email", "a@example.com")
        else:
            suppression_list.suppress("email", "a@example.com", reason)
        entry = Suppression.objects.get()
    url, client = f"{LIST}{entry.pk}/delete/", as_user(bob)
    assert "Tick this box to continue" in client.post(url, {"reason": "mistake"}).content.decode()
    client.post(url, {"reason": "mistake", "understood": "on"})
    with scope(acme):
        assert not Suppression.objects.exists()


def test_a_viewer_can_not_add_or_remove_addresses(acme, rita, as_user):
    with scope(acme):
        suppression_list.suppress("email", "a@example.com", Suppression.Reason.MANUAL)
        entry = Suppression.objects.get()
    assert as_user(rita).get(f"{LIST}{entry.pk}/delete/").status_code == 403
    page = listed(as_user(rita))
    assert "Remove" not in page and "Add addresses" not in page


def test_lists_use_an_index_and_the_same_number_of_queries(acme, rita, as_user):
    with scope(acme), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contacts_suppression (workspace_id, channel, recipient, reason, note, at) "
            "SELECT %s, 'email', 'u' || g || '@example.com', CASE g %% 1000 WHEN 0 THEN 'complained' ELSE 'bounced' END, "
            "'', now() FROM generate_series(1, 20000) g",
            [acme.pk],
        )
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE contacts_suppression")
    with scope(acme):
        rows = Suppression.objects.filter(channel="email")
        for queryset in (
            rows.order_by("-id")[:51],
            rows.filter(reason="complained").order_by("-id")[:51],
            rows.filter(recipient__gte="u77", recipient__lt="u77\U0010ffff").order_by("recipient")[:51],
        ):
            plan = queryset.explain()
            assert "Index" in plan and "Seq Scan" not in plan and "Sort" not in plan, plan
        page = paginate(rows.filter(reason="complained"))
        assert len(page.rows) == 20
    client = as_user(rita)
    client.get(LIST)
    with CaptureQueriesContext(connection) as captured:
        client.get(LIST)
    assert len(captured) <= 20


def test_domains_are_blocked_listed_and_unblocked(acme, bob, as_user):
    client, url = as_user(bob), LIST + "domains/"
    assert "No blocked domains" in client.get(url).content.decode()
    for bad in ("", "nodot", "a b.com", "-x.com", "x" * 300, "a\0.com", "1.2.3.4"):
        page = client.post(url + "new/", {"domain": bad})
        assert page.status_code == 200, bad
    client.post(url + "new/", {"domain": " @Rival.Example "})
    assert "already on the list" in client.post(url + "new/", {"domain": "rival.example"}).content.decode()
    assert "rival.example" in client.get(url).content.decode()
    with scope(acme):
        assert blocked_domains.is_blocked("Ana@Rival.example") and not blocked_domains.is_blocked(
            "ana@shop.rival.example"
        )
        entry = BlockedDomain.objects.get()
    refused = client.post("/w/acme/contacts/new/", {"email": "ana@rival.example"}).content.decode()
    assert "is blocked in your workspace" in refused
    client.post(f"{url}{entry.pk}/delete/")
    assert client.post("/w/acme/contacts/new/", {"email": "ana@rival.example"}).status_code == 302


@pytest.mark.parametrize("purpose, reason", [("marketing", "blocked"), ("service", "blocked")])
def test_a_blocked_domain_is_not_written_to(acme, purpose, reason):
    """By the rule that filling a batch and the gate share. After unblocking, contacts are reachable as before."""
    with scope(acme):
        Contact.objects.create(email="ana@rival.example", status="subscribed")
        Contact.objects.create(email="bea@shop.rival.example", status="subscribed")
        blocked = BlockedDomain.objects.create(domain="rival.example")
        assert _forbidden(acme, purpose) == {"ana@rival.example": reason, "bea@shop.rival.example": None}
        blocked.delete()
        assert set(_forbidden(acme, purpose).values()) == {None}


def _forbidden(workspace, purpose) -> dict:
    sql = (
        f"SELECT c.email, {consent_rules.forbidden('email')} FROM contacts_contact c LEFT JOIN contacts_suppression s "
        "ON s.workspace_id = c.workspace_id AND s.channel = 'email' AND s.recipient = c.email WHERE c.workspace_id = %(workspace)s"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, RULES | {"purpose": purpose, "workspace": workspace.pk})
        return dict(cursor.fetchall())


def test_a_bounce_hides_no_opt_out(acme):
    """A preferences mail to somebody who has unsubscribed may bounce."""
    with scope(acme):
        willing, gone = contacts(2)
        ledger.withdraw(gone, source=Consent.Source.PAGE)
    with connections["engine"].cursor() as cursor:
        bulk_opt_out.mark_bounced(cursor, acme.pk, [willing.pk, gone.pk], channel="email")
    with scope(acme):
        assert dict(Contact.objects.values_list("pk", "status")) == {willing.pk: "bounced", gone.pk: "unsubscribed"}
        assert {*Suppression.objects.values_list("reason", flat=True)} == {"bounced"}
