"""Start, pause, resume, cancel. Each locks the campaign's row first: of two people pressing at once, one acts."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import readiness
from campaigns.models import Campaign
from delivery import batching, retrying
from delivery.composing import Content
from delivery.models import Sender

State = Campaign.State


class Refused(Exception):
    """It can't be done; the message is for the person who asked."""


def start(pk: int) -> Campaign:
    """Freeze the content, open the batch. Raises Refused."""
    campaign = locked(pk)
    if campaign.state not in (State.DRAFT, State.SCHEDULED):
        raise Refused(_("This campaign has already been started."))
    found = readiness.blockers(campaign)
    if found:
        raise Refused(found[0].text)
    campaign.batch = batching.open_batch(
        name=campaign.name,
        content=_content(campaign),
        account=readiness.account_of(campaign),
        audience=campaign.people,
        topic=campaign.topic,
    )
    campaign.state, campaign.started_at = State.SENDING, timezone.now()
    campaign.save()
    return campaign


def pause(pk: int) -> Campaign:
    return _move(
        pk, State.SENDING, State.PAUSED, batching.pause, _("Only a campaign that is being sent can be paused.")
    )


def resume(pk: int) -> Campaign:
    return _move(pk, State.PAUSED, State.SENDING, batching.resume, _("This campaign is not paused."))


def change_sender(pk: int, sender: Sender) -> Campaign:
    """What is paused of it, the campaign or a retry, comes from another sender when it goes on. Raises Refused."""
    campaign = locked(pk)
    batches = [campaign.batch, *retrying.retries(campaign.batch)] if campaign.batch else []
    changed = [batching.change_sender(batch, sender) for batch in batches]
    if not any(changed):
        raise Refused(_("Pause the campaign first. A campaign that has ended keeps its sender."))
    campaign.sender = sender
    campaign.save(update_fields=["sender"])
    return campaign


def cancel(pk: int) -> Campaign:
    """What was not handed out is never sent. A schedule is taken back the same way. Raises Refused."""
    campaign = locked(pk)
    if campaign.state == State.SCHEDULED:
        campaign.state, campaign.fires_at, campaign.wall_time = State.DRAFT, None, None
    elif campaign.is_under_way and batching.cancel(campaign.batch):
        campaign.state = State.CANCELLED
    else:
        raise Refused(_("This campaign can't be cancelled any more."))
    campaign.save()
    return campaign


def _move(pk, before, after, act, refusal) -> Campaign:
    campaign = locked(pk)
    if campaign.state != before or not act(campaign.batch):
        raise Refused(refusal)
    campaign.state = after
    campaign.save(update_fields=["state"])
    return campaign


def locked(pk: int) -> Campaign:
    return Campaign.objects.present().select_for_update().get(pk=pk)


def _content(campaign: Campaign) -> Content:
    workspace, template, sender = campaign.workspace, campaign.template, campaign.sender
    return Content(
        subject=campaign.subject,
        preheader=campaign.preheader,
        html=template.html,
        text=template.text_part,
        from_name=sender.name,
        from_email=sender.email,
        reply_to=sender.reply_to,
        postal_address=workspace.postal_line,
        tracks_opens=workspace.tracks_opens,
        list_name=workspace.name,
    )
