"""Minimal valid objects, created in the active scope."""

from __future__ import annotations

from django.utils import timezone

from campaigns import batches, readiness, sending
from campaigns.models import Campaign
from contacts.models import Contact
from delivery.models import Batch, ProviderAccount, Sender
from delivery.shares import Share
from templates_app.models import MessageTemplate

HTML = (
    '<!DOCTYPE html><html><body><p>Hello {{ first_name | default: "there" }}</p>'
    '<a href="https://shop.example/a?b=1&amp;c=2">Shop</a> <a href="{{ view_url }}">Web</a>'
    '<p>{{ postal_address }}</p><a href="{{ unsubscribe_url }}">Unsubscribe</a></body></html>'
)

# The parameters of the gate for a marketing batch without a topic.
RULES = {"channel": "email", "purpose": "marketing", "topic": None, "topic_default": True, "ascii_only": False}


def contacts(n: int, **fields) -> list[Contact]:
    values = {"status": Contact.Status.SUBSCRIBED} | fields
    people = [Contact(**{"email": f"p{i}@example.com", "first_name": f"P{i}"} | values) for i in range(n)]
    return Contact.objects.bulk_create(people)


def campaign(**fields) -> Campaign:
    template = fields.pop("template", None) or MessageTemplate.objects.create(name="T", html=fields.pop("html", HTML))
    values = {"name": "News", "subject": "Hi {{ first_name }}", "sender": Sender.objects.first(), "template": template}
    return Campaign.objects.create(**values | fields)


def start_in_batches(campaign: Campaign, n: int) -> list[Batch]:
    """Start a campaign as `n` batches, each for an equal share of its audience."""
    campaign, account = sending.locked(campaign.pk), readiness.account_of(campaign)
    opened = []
    for number, share in enumerate(Share.equal(campaign.pk, n), start=1):
        batch = batches.open_once(
            campaign,
            batches.Reason.VARIANT,
            number,
            lambda share=share: sending.open_batch(campaign, account, share=share),
        )
        opened.append(batch)
    campaign.state, campaign.started_at = Campaign.State.SENDING, timezone.now()
    campaign.save()
    return opened


def smtp_account(port: int, **options) -> ProviderAccount:
    values = {"host": "127.0.0.1", "port": port, "security": "none", "user": ""} | options
    account = ProviderAccount.objects.create(name="SMTP", provider="smtp", options=values)
    account.make_default()
    return account


def scheduled(at=None, **fields) -> Campaign:
    return campaign(
        state=Campaign.State.SCHEDULED,
        fires_at=at or timezone.now(),
        zone="Europe/Paris",
        wall_time=timezone.now(),
        **fields,
    )
