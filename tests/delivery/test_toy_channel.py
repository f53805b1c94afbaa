"""A channel that is no e-mail, from the account to the report; and that what happens on it touches no other channel."""

import re

import pytest

from campaigns import readiness, sending
from campaigns.forms.campaign import CampaignForm
from campaigns.models import Campaign
from contacts.consent import consent_rules
from contacts.models import Consent, Contact, Suppression
from delivery import registry
from delivery.forms.send_test import TemplateTestForm
from delivery.models import Batch, CapturedMessage, DefaultAccount, MailboxLimit, Message, ProviderAccount, Sender
from delivery.sending import limits
from kernel.links import workspace_url
from kernel.tenancy import scope
from templates_app.models import MessageTemplate
from tests import factories
from tests.delivery.toy.channel import TESTER, Toy
from tests.delivery.toy.provider import ToyProvider
from tests.markup import flat

TEXT = "{{ first_name }} <{{ email }}>: end {{ unsubscribe_url }}"
ANA, BEN = "+33612345678", "+32470123456"


@pytest.fixture
def toy(monkeypatch):
    """The provider of the toy channel, both known to the product as folders would be."""
    monkeypatch.setitem(consent_rules.ADDRESS, "toy", "phone")
    monkeypatch.setitem(consent_rules.STATUS, "toy", "sms_status")
    provider = ToyProvider()
    registry.CHANNELS.add(Toy(), "toy")
    registry.PROVIDERS.add(provider, "toy")
    yield provider
    registry.CHANNELS.remove("toy")
    registry.PROVIDERS.remove("toy")


@pytest.fixture
def people(acme):
    with scope(acme):
        values = {"status": "subscribed", "sms_status": "subscribed"}
        ana = Contact.objects.create(email="ana@example.com", phone=ANA, first_name="Ana", **values)
        ben = Contact.objects.create(email="ben@example.com", phone=BEN, first_name="Ben", **values)
    return ana, ben


@pytest.fixture
def toy_account(acme, toy):
    with scope(acme):
        account = ProviderAccount.objects.create(name="Toy", provider="toy", channels=["toy"], secret={"api_key": "k"})
        account.become_default()
    return account


@pytest.fixture
def draft(acme, toy_account, people):
    with scope(acme):
        sender = Sender.objects.create(channel="toy", name="Acme", identity={"number": "36180"})
        template = MessageTemplate.objects.create(channel="toy", name="Text", text=TEXT)
        return Campaign.objects.create(channel="toy", name="Texts", sender=sender, template=template)


@pytest.fixture
def sent(acme, draft, send_all):
    """The batch of the draft, sent."""
    with scope(acme):
        batch = sending.start(draft.pk).first_batch
    return send_all(batch)


def statuses(workspace, contact) -> tuple[str, str]:
    """(e-mail's, the toy channel's)."""
    with scope(workspace):
        contact.refresh_from_db()
    return contact.status, contact.sms_status


def suppressed(workspace) -> list[tuple[str, str, str]]:
    with scope(workspace):
        return list(Suppression.objects.values_list("channel", "recipient", "reason"))


def test_from_the_account_to_the_report(acme, alice, as_user, toy, people, run_jobs, client):
    browser = as_user(alice)

    def page(name, **kwargs):
        return browser.get(workspace_url(acme, name, **kwargs))

    def post(address, **data):
        answer = browser.post(address, data)
        assert answer.status_code == 302, answer.content.decode()
        return answer

    assert "Toy telecom" in page("delivery:accounts").content.decode()
    post(workspace_url(acme, "delivery:new_account", provider="toy"), name="Telecom", api_key="secret-1")
    post(workspace_url(acme, "delivery:new_sender") + "?channel=toy", name="Acme", number="36180")
    assert "36180" in page("delivery:senders").content.decode()
    with scope(acme):
        account, sender = ProviderAccount.objects.get(provider="toy"), Sender.objects.get(channel="toy")
        template = MessageTemplate.objects.create(channel="toy", name="Text", text="{{ first_name }}")
    new = workspace_url(acme, "campaigns:new") + "?channel=toy"
    assert 'name="subject"' not in browser.get(new).content.decode()
    post(new, name="Texts", sender=sender.pk, template=template.pk, account=account.pk)
    with scope(acme):
        campaign = Campaign.objects.get()
        assert "how to end it" in readiness.blockers(campaign)[0].text
        MessageTemplate.objects.filter(pk=template.pk).update(text=TEXT)
        assert readiness.blockers(Campaign.objects.get()) == []
    assert "2 people will receive this" in page("campaigns:show", pk=campaign.pk).content.decode()
    count = browser.get(workspace_url(acme, "campaigns:audience_count") + "?channel=toy").content.decode()
    assert "<strong>2</strong> people" in count

    post(workspace_url(acme, "campaigns:test", pk=campaign.pk), to=TESTER)
    run_jobs()
    assert [text.recipient for text in toy.sent] == [TESTER]
    toy.sent.clear()

    post(workspace_url(acme, "campaigns:send", pk=campaign.pk))
    run_jobs()
    texts = {text.recipient: text for text in toy.sent}
    assert sorted(texts) == sorted([ANA, BEN])
    assert texts[ANA].text.startswith("Ana <ana@example.com>: end http")
    assert texts[ANA].sender == "36180"
    assert texts[ANA].units == -(-len(texts[ANA].text) // 20)
    with scope(acme):
        tallies = Campaign.objects.get().first_batch.tallies()
    assert (tallies["planned"], tallies["accepted"]) == (2, 2)
    report = flat(page("reports:campaign", pk=campaign.pk).content.decode())
    assert re.search(r"Sent\D+2\b", report)
    assert page("reports:recipients", pk=campaign.pk).status_code == 200

    link = re.search(r"http\S+(/u/\S+)", texts[ANA].text)[1]
    asked = client.get(link).content.decode()
    assert "Stop toy texts from Acme to …78?" in asked
    assert "No more toy texts" in client.post(link, {"action": "unsubscribe"}).content.decode()
    assert statuses(acme, people[0]) == ("subscribed", "unsubscribed")


def test_a_dead_number_is_dead_on_its_channel_alone(acme, people, toy, draft, send_all):
    """L1: the e-mail address was suppressed."""
    toy.dead = {ANA}
    with scope(acme):
        batch = sending.start(draft.pk).first_batch
    send_all(batch)
    assert statuses(acme, people[0]) == ("subscribed", "bounced")
    assert suppressed(acme) == [("toy", ANA, "bounced")]
    with scope(acme):
        assert batch.tallies()["bounced"] == 1


def test_leaving_a_channel_leaves_the_others(acme, people, sent, toy, client):
    """L2: consent to e-mail was withdrawn."""
    link = re.search(r"http\S+(/u/\S+)", next(text.text for text in toy.sent if text.recipient == ANA))[1]
    client.post(link, {"List-Unsubscribe": "One-Click"})
    assert statuses(acme, people[0]) == ("subscribed", "unsubscribed")
    assert suppressed(acme) == [("toy", ANA, "unsubscribed")]
    client.post(link, {"action": "reason", "reason": "too_many"})
    with scope(acme):
        assert set(Consent.objects.filter(contact=people[0]).values_list("channel", "state")) == {("toy", "withdrawn")}
    client.post(link, {"action": "come_back"})
    assert statuses(acme, people[0]) == ("subscribed", "subscribed")


def test_the_merge_tag_email_is_the_address_of_mails(sent, toy):
    """L3: it was the phone number."""
    assert sorted(text.text.partition(":")[0] for text in toy.sent) == [
        "Ana <ana@example.com>",
        "Ben <ben@example.com>",
    ]


def test_forms_offer_what_their_channel_has(acme, alice, draft, toy_account):
    """L4: an account for texts was offered for mails."""
    with scope(acme):
        mail = ProviderAccount.objects.get(provider="sandbox")
        offered = {}
        for channel in ("email", "toy"):
            fields = CampaignForm(instance=Campaign(channel=channel)).fields
            test = TemplateTestForm(person=alice, channel=channel).fields
            assert list(test["account"].queryset) == list(fields["account"].queryset)
            assert list(test["sender"].queryset) == list(fields["sender"].queryset)
            offered[channel] = {name: list(fields[name].queryset) for name in ("account", "template", "sender")}
        assert offered["toy"] == {"account": [toy_account], "template": [draft.template], "sender": [draft.sender]}
        assert offered["email"]["account"] == [mail]
        assert offered["email"]["template"] == []
        assert draft.sender not in offered["email"]["sender"]


def test_each_channel_has_a_default_account(acme, alice, as_user, toy):
    """L5: an account became the default only where no channel had one."""
    address = workspace_url(acme, "delivery:new_account", provider="toy")
    as_user(alice).post(address, {"name": "Telecom", "api_key": "secret-1"})
    with scope(acme):
        defaults = DefaultAccount.objects.order_by("channel").values_list("channel", "account__provider")
        assert list(defaults) == [("email", "sandbox"), ("toy", "toy")]


def test_one_account_serves_several_channels_with_one_secret(acme, toy, toy_account, draft, send_all):
    with scope(acme):
        ProviderAccount.objects.filter(pk=toy_account.pk).delete()
        ProviderAccount.objects.filter(provider="sandbox").update(channels=["email", "toy"])
        account = ProviderAccount.objects.get()
        account.become_default()
        assert {ProviderAccount.default_of(channel) for channel in ("email", "toy")} == {account}
        batch = sending.start(draft.pk).first_batch
    send_all(batch)
    with scope(acme):
        assert batch.tallies()["accepted"] == 2


def test_an_account_that_leaves_a_channel_is_its_default_no_longer(acme, alice, as_user, toy, toy_account):
    with scope(acme):
        toy_account.make_default()
        sandbox = ProviderAccount.objects.get(provider="sandbox")
        sandbox.channels = ["email", "toy"]
        sandbox.save()
        sandbox.make_default()
    browser = as_user(alice)
    where = workspace_url(acme, "delivery:account", pk=sandbox.pk)
    browser.post(where, {"name": "Sandbox", "channels": ["email"]})
    with scope(acme):
        assert list(DefaultAccount.objects.values_list("channel", "account")) == [("email", sandbox.pk)]
        toy_account.become_default()
        assert ProviderAccount.default_of("toy") == toy_account


def test_so_does_one_with_limits(acme, alice, as_user, toy, toy_account, monkeypatch):
    monkeypatch.setattr(type(toy), "channels", ("email", "toy"))
    with scope(acme):
        toy_account.channels = ["email", "toy"]
        toy_account.save()
        toy_account.make_default()
    where = workspace_url(acme, "delivery:account", pk=toy_account.pk)
    as_user(alice).post(where, {"name": "Toy", "channels": ["toy"], "api_key": ""})
    with scope(acme):
        assert ProviderAccount.objects.get(pk=toy_account.pk).channels == ["toy"]
        assert list(DefaultAccount.objects.values_list("channel", flat=True)) == ["toy"]


def test_the_sandbox_shows_a_text_as_a_text(acme, alice, as_user, toy, draft, send_all):
    with scope(acme):
        DefaultAccount.objects.all().delete()
        sandbox = ProviderAccount.objects.get(provider="sandbox")
        sandbox.channels = ["email", "toy"]
        sandbox.save()
        sandbox.make_default()
        batch = sending.start(draft.pk).first_batch
    send_all(batch)
    with scope(acme):
        captured = CapturedMessage.objects.get(recipient=ANA)
    page = as_user(alice).get(workspace_url(acme, "delivery:captured", pk=captured.pk)).content.decode()
    assert "Ana &lt;ana@example.com&gt;" in page
    assert "<iframe" not in page
    html = workspace_url(acme, "delivery:captured_html", pk=captured.pk)
    assert as_user(alice).get(html).status_code == 404
    source = as_user(alice).get(workspace_url(acme, "delivery:captured_source", pk=captured.pk))
    assert source["Content-Type"].startswith("text/plain")


def test_who_left_a_channel_gets_nothing_on_it(acme, people, draft, send_all, toy):
    with scope(acme):
        Contact.objects.filter(pk=people[1].pk).update(sms_status="unsubscribed")
        Contact.objects.filter(pk=people[0].pk).update(status="unsubscribed")
        batch = sending.start(draft.pk).first_batch
    send_all(batch)
    with scope(acme):
        assert [text.recipient for text in toy.sent] == [ANA]
        assert Message.objects.get(batch=batch, contact=people[1]).reason == "unsubscribed"


def test_another_sender_for_the_rest_of_a_batch(acme, draft, toy, send_all):
    with scope(acme):
        batch = sending.start(draft.pk).first_batch
        sending.pause(draft.pk)
        other = Sender.objects.create(channel="toy", name="Other", identity={"number": "38000"})
        sending.change_sender(draft.pk, other)
        sending.resume(draft.pk)
    send_all(batch)
    assert {text.sender for text in toy.sent} == {"38000"}


def test_limits_have_the_channels_own_keys(acme, toy_account):
    MailboxLimit.objects.create(domain="+33", per_second=5)
    MailboxLimit.objects.create(domain="+336", per_second=1)
    with scope(acme):
        known = limits.of_mailboxes(toy_account)
    of = registry.channel("toy").limit_of
    assert (of(ANA, known).per_second, of("+33123456789", known).per_second, of(BEN, known)) == (1, 5, None)


def test_a_batch_of_mails_goes_on_as_before(acme, people, send_all):
    with scope(acme):
        batch = sending.start(factories.campaign().pk).first_batch
    send_all(batch)
    with scope(acme):
        assert batch.channel == "email"
        assert Batch.objects.get(pk=batch.pk).tallies()["accepted"] == 2
