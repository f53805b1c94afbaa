"""Start, pause, resume, unschedule and cancel. Each locks the row first, so that two people at once can't act twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import batches, readiness
from campaigns.models import Campaign
from delivery import batching, registry
from delivery.models import Batch, ProviderAccount, Sender

State = Campaign.State


class Refused(Exception):
    """Raised if an action is not possible. The message is for the person who asked for it."""


class Changed(Refused):
    """Raised if somebody else started or changed the campaign a moment ago."""


def start(pk: int) -> Campaign:
    """Open the campaign's batch. Raises Refused."""
    campaign = checked(pk)
    account = readiness.account_of(campaign)
    assert account is not None  # noqa: S101  (the blockers say so otherwise)
    batches.open_once(campaign, batches.Reason.MAIN, 1, lambda: open_batch(campaign, account))
    campaign.state, campaign.started_at = State.SENDING, timezone.now()
    campaign.save()
    return campaign


def open_batch(campaign: Campaign, account: ProviderAccount, **options: Any) -> Batch:
    """A batch that sends the campaign as it is. `options`: the share and the like, see batching.open_batch()."""
    return batching.open_batch(
        name=campaign.name,
        content=registry.channel(campaign.channel).freeze(readiness.draft_of(campaign)),
        account=account,
        audience=campaign.people,
        topic=campaign.topic,
        **options,
    )


def pause(pk: int) -> Campaign:
    return _move(
        pk, State.SENDING, State.PAUSED, batching.pause, _("Only a campaign that is being sent can be paused.")
    )


def resume(pk: int) -> Campaign:
    return _move(pk, State.PAUSED, State.SENDING, batching.resume, _("This campaign is not paused."))


def change_sender(pk: int, sender: Sender) -> Campaign:
    """Change the sender of everything of the campaign that is paused: its batches, its retries. Raises Refused."""
    campaign = locked(pk)
    if not _to_each(batches.of_campaign(campaign), lambda batch: batching.change_sender(batch, sender)):
        raise Refused(_("Pause the campaign first. A campaign that has ended keeps its sender."))
    campaign.sender = sender
    campaign.save(update_fields=["sender"])
    return campaign


def unschedule(pk: int) -> Campaign:
    """Make a draft of a scheduled campaign again. Raises Refused, also where sending began a moment ago."""
    campaign = locked(pk)
    if campaign.state != State.SCHEDULED:
        raise Refused(_("This campaign isn't scheduled any more."))
    campaign.state, campaign.fires_at, campaign.wall_time = State.DRAFT, None, None
    campaign.save()
    return campaign


def cancel(pk: int) -> Campaign:
    """Cancel the messages that are not handed out yet. Raises Refused."""
    campaign = locked(pk)
    if campaign.is_under_way and _to_each(batches.of_campaign(campaign), batching.cancel):
        campaign.state = State.CANCELLED
    else:
        raise Refused(_("This campaign can't be cancelled any more."))
    campaign.save()
    return campaign


def _move(
    pk: int, before: Campaign.State, after: Campaign.State, act: Callable[[Batch], bool], refusal: str
) -> Campaign:
    campaign = locked(pk)
    if campaign.state != before or not _to_each(batches.of_campaign(campaign), act):
        raise Refused(refusal)
    campaign.state = after
    campaign.save(update_fields=["state"])
    return campaign


def checked(pk: int) -> Campaign:
    """A campaign that is ready to be sent, with its row locked until the transaction ends. Raises Refused.

    It is checked first and locked then, because counting an audience may take seconds, in which nobody else should
    wait. What was checked is what is returned: template and sender are those that the checks read.
    """
    campaign = Campaign.objects.present().get(pk=pk)
    if campaign.state not in (State.DRAFT, State.SCHEDULED):
        raise Changed(_("This campaign has already been started."))
    found = readiness.blockers(campaign)
    now = Campaign.objects.present().select_for_update().filter(pk=pk).first()
    if now is None:
        raise Changed(_("This campaign has just been deleted."))
    if now.state not in (State.DRAFT, State.SCHEDULED):
        raise Changed(_("This campaign has already been started."))
    if _values(now) != _values(campaign):
        raise Changed(_("This campaign has just been changed. Look at it again before you send it."))
    if found:
        raise Refused(found[0].text)
    return campaign


def _values(campaign: Campaign) -> dict[str, Any]:
    return {field.attname: getattr(campaign, field.attname) for field in Campaign._meta.concrete_fields}


def _to_each(of_campaign: list[Batch], act: Callable[[Batch], bool]) -> bool:
    """Do it to all batches. Returns whether it changed any: others have ended, or were as they should be."""
    changed = [act(batch) for batch in of_campaign]
    return any(changed)


def locked(pk: int) -> Campaign:
    """The campaign, with its row locked until the transaction ends. Raises Campaign.DoesNotExist."""
    return Campaign.objects.present().select_for_update().get(pk=pk)
