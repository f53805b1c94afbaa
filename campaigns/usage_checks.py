"""What keeps rows from being deleted: campaigns that are not sent yet and refer to them."""

from __future__ import annotations

from functools import partial

from django.db.models import QuerySet

from campaigns.models import Campaign
from contacts.models import ContactList, Segment, Tag, Topic
from delivery.models import Sender
from kernel import trash
from kernel.trash import Trashable
from templates_app.models import MessageTemplate

WAITING, SCHEDULED = "drafts and scheduled campaigns", "scheduled campaigns"


def register() -> None:
    for model, name in ((Tag, "tags"), (ContactList, "lists"), (Segment, "segments")):
        trash.register_usage(model, WAITING, partial(_in_audience, name))
    trash.register_usage(Topic, WAITING, lambda topic: map(str, _waiting().filter(topic_id=topic.pk)))
    # Drafts do not count here: the checklist says that a sender or a template is missing.
    trash.register_usage(Sender, SCHEDULED, partial(_scheduled_with, "sender"))
    trash.register_usage(MessageTemplate, SCHEDULED, _scheduled_with_template)


def _waiting() -> QuerySet[Campaign]:
    return Campaign.objects.present().filter(state__in=[Campaign.State.DRAFT, Campaign.State.SCHEDULED])


def _scheduled_with(field: str, row: Trashable) -> list[str]:
    """The names of scheduled campaigns whose `field` is this row."""
    campaigns = Campaign.objects.present().filter(state=Campaign.State.SCHEDULED, **{field: row})
    return [str(campaign) for campaign in campaigns]


def _scheduled_with_template(template: MessageTemplate) -> list[str]:
    """Also of a translation: who reads its language would get the original instead."""
    return _scheduled_with("template", template.original or template)


def _in_audience(name: str, row: Trashable) -> list[str]:
    """The names of campaigns that include or exclude this row. `name` is the field of Groups for its kind."""
    sides = ((campaign, (campaign.people.include, campaign.people.exclude)) for campaign in _waiting())
    return [str(campaign) for campaign, groups in sides if any(row.pk in getattr(group, name) for group in groups)]
