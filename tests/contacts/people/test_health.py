"""The page about the health of the list, and its actions."""

from django.utils import timezone

from campaigns.models import Campaign
from contacts.consent import suppression_list
from contacts.models import Contact, Segment, Suppression
from kernel.tenancy import scope
from tests import factories

HEALTH = "/w/acme/contacts/health/"


def inactive_people(acme):
    with scope(acme):
        people = factories.contacts(4)
        Contact.objects.filter(pk__in=[people[0].pk, people[1].pk]).update(inactive_at=timezone.now())
        Contact.objects.filter(pk=people[2].pk).update(address_kind="role", status="bounced")
    return people


def test_it_counts_people_and_links_to_them(acme, rita, as_user):
    inactive_people(acme)
    page = as_user(rita).get(HEALTH).content.decode()
    assert "Shared addresses" in page and "<strong>2</strong>" in page and "Create a campaign" not in page
    found = as_user(rita).get("/w/acme/contacts/?inactive=1").content.decode()
    assert "p0@example.com" in found and "p3@example.com" not in found


def test_a_segment_of_inactive_people_is_created_once(acme, alice, as_user):
    inactive_people(acme)
    client = as_user(alice)
    answer = client.post(HEALTH + "segment/")
    form = client.get(answer["Location"]).content.decode()
    with scope(acme):
        segment = Segment.objects.get()
    assert f'value="segment:{segment.pk}"' in form
    data = {"name": "Still there?", "include": [f"segment:{segment.pk}"], "with_inactive": "on"}
    client.post(answer["Location"], data)
    client.post(HEALTH + "segment/")
    with scope(acme):
        people = Campaign.objects.get().people
        assert people.with_inactive and people.include.segments == (segment.pk,)
        assert Segment.objects.count() == 1, "the second request uses the first segment"


def test_inactive_people_are_marked_active_or_unsubscribed_in_bulk(acme, alice, as_user, run_jobs):
    people = inactive_people(acme)
    client = as_user(alice)
    client.post("/w/acme/contacts/bulk/new/?all=1&inactive=1", {"verb": "mark_active"})
    run_jobs()
    with scope(acme):
        assert not Contact.objects.filter(inactive_at__isnull=False).exists()
        assert Contact.objects.get(pk=people[0].pk).engaged_at is not None
        Contact.objects.filter(pk=people[1].pk).update(inactive_at=timezone.now())
    client.post("/w/acme/contacts/bulk/new/?all=1&inactive=1", {"verb": "unsubscribe"})
    run_jobs()
    with scope(acme):
        assert [c.pk for c in Contact.objects.filter(status="unsubscribed")] == [people[1].pk]


def test_an_unsubscribe_weakens_no_other_entry(acme):
    """Otherwise a person could clear a merchant's do-not-contact entry by unsubscribing and subscribing again."""
    with scope(acme):
        for reason in ("manual", "imported", "bounced", "complained"):
            suppression_list.suppress("email", f"{reason}@x.example", reason)
            suppression_list.suppress("email", f"{reason}@x.example", Suppression.Reason.UNSUBSCRIBED)
            assert Suppression.objects.get(recipient=f"{reason}@x.example").reason == reason


def test_a_contact_by_hand_or_by_a_form_is_flagged_as_in_an_import(acme):
    with scope(acme):
        kinds = {Contact.objects.create(email=e).address_kind for e in ("info@a.example", "x@mailinator.com", "a@b.fr")}
        assert kinds == {"role", "disposable", ""}
