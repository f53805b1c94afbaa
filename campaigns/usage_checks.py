"""What a campaign that is not sent yet needs can't be deleted under it."""

from __future__ import annotations

from campaigns.models import Campaign
from contacts.models import ContactList, Segment, Tag, Topic
from delivery.models import Sender
from kernel import trash
from kernel.trash import Trashable
from templates_app.models import MessageTemplate


def register() -> None:
    for model, name in ((Tag, "tags"), (ContactList, "lists"), (Segment, "segments")):
        trash.register_usage(model, "campaigns that are waiting", lambda row, name=name: _meaning(name, row))
    trash.register_usage(
        Topic, "campaigns that are waiting", lambda topic: [str(one) for one in _waiting().filter(topic=topic)]
    )
    # A draft without its sender or template says so itself.
    for model, name in ((Sender, "sender"), (MessageTemplate, "template")):
        trash.register_usage(
            model,
            "scheduled campaigns",
            lambda row, name=name: [str(one) for one in _scheduled().filter(**{name: row})],
        )


def _waiting():
    return Campaign.objects.present().filter(state__in=[Campaign.State.DRAFT, Campaign.State.SCHEDULED])


def _scheduled():
    return Campaign.objects.present().filter(state=Campaign.State.SCHEDULED)


def _scheduled_with(name: str, row: Trashable) -> list[str]:
    return [str(one) for one in _scheduled().filter(**{name: row})]


def _meaning(name: str, row: Trashable) -> list[str]:
    sides = ((one, (one.people.include, one.people.exclude)) for one in _waiting())
    return [str(one) for one, groups in sides if any(row.pk in getattr(group, name) for group in groups)]
