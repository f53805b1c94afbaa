"""The builder's form, the segment's page, snapshots, permissions; engagement conditions on real messages."""

import pytest
from django.utils import timezone

from campaigns import sending
from contacts.models import Contact, ContactField, ContactList, ListMember, Segment, SignupForm
from contacts.segments import audience, counting
from contacts.segments.audience import Audience, Groups
from delivery.models import Batch, Message
from kernel.tenancy import scope
from tests import factories
from tests.markup import edit


@pytest.fixture
def city(acme):
    with scope(acme):
        return ContactField.objects.create(name="city", label="City")


@pytest.fixture
def lyon(acme, city):
    with scope(acme):
        factories.contacts(3, attributes={"city": "Lyon"})
        Contact.objects.create(email="far@example.com", status="pending", attributes={"city": "Paris"})
        rules = [{"on": "field:city", "op": "is", "with": {"value": "Lyon"}}]
        return Segment.objects.create(name="Lyon", definition={"version": 1, "match": "all", "rules": rules})


FILLED = {
    "name": "In Lyon",
    "node": ["g0", "r0.0", "g0.1", "r0.1.0"],
    "match-0": "all",
    "on-0.0": "field:city",
    "op-0.0": "is",
    "with-0.0-value": "Lyon",
    "match-0.1": "none",
    "on-0.1.0": "email",
    "op-0.1.0": "starts",
    "with-0.1.0-value": "p0",
}


def test_a_segment_is_built_saved_and_shown(acme, alice, as_user, lyon):
    client = as_user(alice)
    answer = client.post("/w/acme/contacts/segments/new/", FILLED)
    assert answer.status_code == 302
    with scope(acme):
        made = Segment.objects.get(name="In Lyon")
    assert made.definition == {
        "version": 1,
        "match": "all",
        "rules": [
            {"on": "field:city", "op": "is", "with": {"value": "Lyon"}},
            {"match": "none", "rules": [{"on": "email", "op": "starts", "with": {"value": "p0"}}]},
        ],
    }
    page = client.get(f"/w/acme/contacts/segments/{made.pk}/?who=p").content.decode()
    assert "City is “Lyon” and (none of these: E-mail starts with “p0”)" in page
    assert "p1@example.com" in page and "Not in" in page
    assert client.get(f"/w/acme/contacts/segments/{made.pk}/edit/").status_code == 200


@pytest.mark.parametrize("name, value, fields", [("add", "0.1", 3), ("add_group", "0", 3), ("remove", "0.1", 1)])
def test_a_button_changes_the_form_and_saves_nothing(acme, alice, as_user, city, name, value, fields):
    before = {"HTTP_HX_REQUEST": "true"}
    answer = as_user(alice).post("/w/acme/contacts/segments/new/", FILLED | {name: value}, **before)
    html = answer.content.decode()
    assert html.count('name="on-') == fields and 'value="Lyon"' in html and "<html" not in html
    plain = as_user(alice).post("/w/acme/contacts/segments/new/", FILLED | {name: value}).content.decode()
    assert plain.count('name="on-') == fields and 'value="In Lyon"' in plain, "without JavaScript, the name stays, too"
    with scope(acme):
        assert not Segment.objects.exists()


def test_the_fragment_counts(acme, alice, as_user, lyon):
    answer = as_user(alice).post("/w/acme/contacts/segments/new/", FILLED, HTTP_HX_REQUEST="true").content.decode()
    assert "<strong>2</strong>" in answer


@pytest.mark.parametrize(
    "change, says",
    [
        ({"with-0.0-value": ""}, "enter a value"),
        ({"on-0.0": "field:gone"}, "no longer exists"),
        ({"node": ["g0"]}, "Add at least one condition"),
        ({"name": "Lyon"}, "There is already a segment with this name"),
        ({"name": ""}, "required"),
        ({"match-0": "most"}, "can&#x27;t be read"),
        ({"node": ["g0", "r0.0", "r9.9", "x", "", "g0.0.0"]}, ""),
        ({"with-0.0-value": "a\0b", "name": "x\0y"}, "can&#x27;t be used"),
    ],
)
def test_bad_input_gets_a_message_and_loses_nothing(acme, alice, as_user, lyon, change, says):
    answer = as_user(alice).post("/w/acme/contacts/segments/new/", FILLED | change)
    if says:
        assert answer.status_code == 200 and says in answer.content.decode()
    with scope(acme):
        assert Segment.objects.filter(name="Lyon").count() == 1


def test_one_condition_too_many_is_refused_and_the_others_stay(acme, alice, as_user, lyon):
    rules = {}
    for n in range(50):
        rules |= {f"on-0.{n}": "email", f"op-0.{n}": "starts", f"with-0.{n}-value": f"word{n}."}
    sent = {"name": "Many", "node": ["g0", *(f"r0.{n}" for n in range(50))], "match-0": "any", **rules}
    html = as_user(alice).post("/w/acme/contacts/segments/new/", sent | {"add": "0"}, HTTP_HX_REQUEST="true")
    page = html.content.decode()
    assert page.count('name="on-') == 51 and "word0." in page and "up to 50 conditions" in page
    sent["node"].append("r0.50")
    one_more = {"on-0.50": "email", "op-0.50": "starts", "with-0.50-value": "x"}
    answer = as_user(alice).post("/w/acme/contacts/segments/new/", sent | one_more)
    assert answer.status_code == 200 and "up to 50 conditions" in answer.content.decode()
    with scope(acme):
        assert not Segment.objects.filter(name="Many").exists()


def test_a_segment_that_takes_too_long_says_so_and_keeps_its_number(acme, alice, as_user, lyon, monkeypatch):
    monkeypatch.setattr(counting, "count_exactly", lambda *_: None)
    found = counting.Count(3, 2, exact=False, between=(1, 7), reachable_between=(0, 6))
    monkeypatch.setattr(counting, "count", lambda *_: found)
    monkeypatch.setattr(counting, "estimate", lambda *_: found)
    monkeypatch.setattr(audience, "newest", lambda *_: None)
    path = f"/w/acme/contacts/segments/{lyon.pk}/"
    page = as_user(alice).get(path).content.decode()
    assert "too large to show its newest contacts" in page and "<strong>3</strong>" in page
    part = as_user(alice).get(f"{path}?count=1", HTTP_HX_REQUEST="true").content.decode()
    assert "<strong>3</strong>" in part and "about" in part and "takes too long" in part
    for text in (page, part):
        assert "(between 1 and 7)" in text and "(between 0 and 6)" in text and "19 times out of 20" in text


def test_in_a_large_workspace_a_segments_page_comes_before_its_people(acme, alice, as_user, lyon, monkeypatch):
    monkeypatch.setattr(counting, "SMALL", 0)
    client, path = as_user(alice), f"/w/acme/contacts/segments/{lyon.pk}/"
    with monkeypatch.context() as patched:
        for name in ("count", "newest"):
            patched.setattr(audience, name, lambda *_: pytest.fail("the page waits"))
        page = client.get(path).content.decode()
    assert 'hx-get="?people=1"' in page and 'hx-get="?count=first"' in page
    parts = [
        client.get(path + asked, HTTP_HX_REQUEST="true").content.decode() for asked in ("?people=1", "?count=first")
    ]
    assert "p2@example.com" in parts[0] and "<strong>3</strong>" in parts[1] and "<html" not in "".join(parts)
    without_script = client.get(path + "?all=1").content.decode()
    assert "p2@example.com" in without_script and "<strong>3</strong>" in without_script


def test_a_segment_whose_field_is_gone_says_so(acme, alice, as_user, lyon, city):
    with scope(acme):
        city.delete()
    page = as_user(alice).get(f"/w/acme/contacts/segments/{lyon.pk}/").content.decode()
    assert "can't be used" in page and "“city” no longer exists" in page
    assert as_user(alice).get("/w/acme/contacts/segments/").status_code == 200


def test_a_snapshot_fills_a_list_in_the_background(acme, alice, as_user, lyon, run_jobs):
    answer = as_user(alice).post(f"/w/acme/contacts/segments/{lyon.pk}/snapshot/", follow=True)
    assert "being added to the list" in answer.content.decode()
    run_jobs()
    with scope(acme):
        assert ListMember.objects.filter(contact_list=ContactList.objects.get()).count() == 3


def test_permissions(acme, rita, bob, charlie, as_user, lyon):
    here = f"/w/acme/contacts/segments/{lyon.pk}/"
    assert as_user(rita).get(here).status_code == 200
    assert "Save as a list" not in as_user(rita).get(here).content.decode()
    for path in ("edit/", "delete/", "snapshot/"):
        assert as_user(rita).post(here + path).status_code == 403
        assert as_user(charlie).post(here + path).status_code == 404
    assert as_user(bob).post(here + "delete/").status_code == 302
    assert as_user(bob).get(here).status_code == 404


def test_a_reader_gets_no_button_that_would_be_refused(acme, rita, alice, as_user, lyon):
    with scope(acme):
        form = SignupForm.objects.create(name="Footer", title="News", wording="I agree.")
    pages = {
        "segments/": ["segments/new/"],
        "forms/": ["forms/new/"],
        f"forms/{form.pk}/": [f"forms/{form.pk}/{verb}/" for verb in ("edit", "delete", "opening")],
    }
    for page, targets in pages.items():
        seen = {user: as_user(user).get(f"/w/acme/contacts/{page}").content.decode() for user in (rita, alice)}
        for target in targets:
            assert target in seen[alice] and target not in seen[rita], target
    with scope(acme):
        Segment.objects.all().delete()
        SignupForm.objects.all().delete()
    for page in ("segments/", "forms/"):
        assert f"{page}new/" not in as_user(rita).get(f"/w/acme/contacts/{page}").content.decode()
    assert "data-options-base" in as_user(alice).get("/w/acme/contacts/forms/new/").content.decode()


def test_a_campaign_includes_a_segment_and_excludes_another(acme, alice, as_user, lyon, run_jobs):
    with scope(acme):
        rules = [{"on": "email", "op": "is", "with": {"value": "p1@example.com"}}]
        spared = Segment.objects.create(name="P1", definition={"version": 1, "match": "all", "rules": rules})
        campaign = factories.campaign()
    data = {"name": "News", "subject": "Hi", "sender": campaign.sender_id, "template": campaign.template_id}
    audience_data = {"include": [f"segment:{lyon.pk}"], "exclude": [f"segment:{spared.pk}"]}
    answer = edit(as_user(alice), f"/w/acme/campaigns/{campaign.pk}/edit/", data | audience_data)
    assert answer.status_code == 302, answer.content.decode()
    query = f"include=segment:{lyon.pk}&exclude=segment:{spared.pk}"
    assert "<strong>2</strong>" in as_user(alice).get(f"/w/acme/campaigns/audience/?{query}").content.decode()
    with scope(acme):
        batch = sending.start(campaign.pk).first_batch
        Segment.objects.all().update(definition={"version": 1, "match": "all", "rules": []})
    run_jobs()
    with scope(acme):
        sent = {message.contact.email for message in Message.objects.filter(batch=batch)}
    assert sent == {"p0@example.com", "p2@example.com"}, "the segments are frozen when the campaign starts"


def test_a_campaign_whose_segment_is_gone_does_not_go_out(acme, lyon):
    with scope(acme):
        campaign = factories.campaign(audience=Audience(Groups(segments=(lyon.pk,))).data())
        Segment.objects.all().delete()
    with scope(acme), pytest.raises(sending.Refused, match="deleted"):
        sending.start(campaign.pk)


def test_a_field_that_goes_while_a_campaign_is_filled_pauses_it(acme, alice, lyon, city, run_jobs, as_user):
    with scope(acme):
        campaign = factories.campaign(audience=Audience(Groups(segments=(lyon.pk,))).data(), created_by=alice)
        batch = sending.start(campaign.pk).first_batch
        city.delete()
    run_jobs()
    with scope(acme):
        batch.refresh_from_db()
        assert batch.is_paused and "“city” no longer exists" in batch.problem
        assert not Message.objects.exists(), "an unreadable audience is nobody, not everybody"
    page = as_user(alice).get(f"/w/acme/campaigns/{campaign.pk}/").content.decode()
    assert "“city” no longer exists" in page and "Paused" in page
    with scope(acme):
        ContactField.objects.create(name="city", label="City")
        sending.resume(campaign.pk)
    run_jobs()
    with scope(acme):
        assert Message.objects.filter(batch=batch).count() == 3


def engagement(on, op, **args):
    data = {"version": 1, "match": "all", "rules": [{"on": on, "op": op, "with": args}]}
    return Audience(include=Groups(definitions=(data,)))


@pytest.fixture
def history(acme):
    """p0 got two messages and clicked in one, p1 got one, p2 none, apart from a test message with p2's values."""
    with scope(acme):
        p0, p1, p2 = factories.contacts(3)
        account = acme_account()
        now = timezone.now()
        batches = [
            Batch.objects.create(name=name, purpose=purpose, account=account, expires_at=now)
            for name, purpose in (("May", "marketing"), ("June", "marketing"), ("Test", "test"))
        ]
        old = now - timezone.timedelta(days=40)
        rows = [
            (batches[0], p0, old, old),
            (batches[1], p0, now, None),
            (batches[1], p1, now, None),
            (batches[2], p2, now, now),
        ]
        for batch, contact, settled, clicked in rows:
            Message.objects.create(
                batch=batch,
                contact=contact,
                state=Message.State.ACCEPTED,
                settled_at=settled,
                opened_at=clicked,
                clicked_at=clicked,
            )
        return batches


def acme_account():
    from delivery.models import ProviderAccount

    return ProviderAccount.objects.first()


@pytest.mark.parametrize(
    "on, op, args, who",
    [
        ("sent", "ever", {}, {"p0", "p1"}),
        ("sent", "never", {}, {"p2"}),
        ("sent", "times", {"times": 2, "days": 60}, {"p0"}),
        ("sent", "times", {"times": 2, "days": 30}, set()),
        ("clicked", "ever", {}, {"p0"}),
        ("clicked", "last", {"days": 30}, set()),
        ("clicked", "not_last", {"days": 30}, {"p0", "p1", "p2"}),
        ("opened", "last", {"days": 60}, {"p0"}),
        ("sent", "campaign", {"campaign": 0}, {"p0"}),
        ("opened", "not_campaign", {"campaign": 1}, {"p0", "p1", "p2"}),
    ],
)
def test_engagement(acme, history, on, op, args, who):
    if "campaign" in args:
        args = {"campaign": str(history[args["campaign"]].pk)}
    with scope(acme):
        found = audience.sample(acme.pk, engagement(on, op, **args), 10)
    assert {contact.email.partition("@")[0] for contact in found} == who
