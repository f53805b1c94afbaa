"""Segment conditions on messages that a person was sent, opened or clicked; registered with contacts."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from contacts.groups import pickers
from contacts.groups.pickers import Kind
from contacts.segments.conditions import GROUP_ENGAGEMENT, Context, Input, Operator, Subject, register
from delivery.models import Batch, Message

DAYS = Input("days", "days", _("days"))
TIMES = Input("times", "times", _("times"))

# For each fact, SQL that ends with the time at which it happened.
FACTS = {
    "sent": f"m.state IN ({Message.State.ACCEPTED:d}, {Message.State.UNKNOWN:d}) AND m.settled_at",
    "opened": "m.opened_at",
    "clicked": "m.clicked_at",
}


SENT = pickers.register(
    Kind(
        "campaign",
        _("Campaign"),
        _("Campaigns"),
        lambda: Batch.objects.filter(purpose=Batch.Purpose.MARKETING, origin_id=None),
        order=("-id",),
    )
)


@register
def engagement() -> Iterator[Subject]:
    labels = {
        "sent": _("Was sent a message"),
        "opened": _("Opened a message"),
        "clicked": _("Clicked a message"),
    }
    for fact, label in labels.items():
        yield Subject(fact, label, GROUP_ENGAGEMENT, _operators(fact))


def _operators(fact: str) -> tuple[Operator, ...]:
    def messages(ctx: Context, condition: str) -> str:
        """This person's marketing messages for which the fact holds. Tests don't count: they go to somebody else."""
        workspace = ctx.param(ctx.workspace_id)
        return (
            f"FROM delivery_message m WHERE m.contact_id = c.id AND m.workspace_id = {workspace} "  # noqa: S608
            f"AND m.batch_id IN (SELECT id FROM delivery_batch WHERE workspace_id = {workspace} "
            f"AND purpose = 'marketing') AND {FACTS[fact]} {condition}"
        )

    def since(ctx: Context, args: dict) -> str:
        return f">= {ctx.param(ctx.midnight(ctx.today - datetime.timedelta(args['days'])))}"

    def ever(ctx: Context, args: dict) -> str:
        return f"EXISTS (SELECT {messages(ctx, 'IS NOT NULL')})"

    def lately(ctx: Context, args: dict) -> str:
        return f"EXISTS (SELECT {messages(ctx, since(ctx, args))})"

    def often(ctx: Context, args: dict) -> str:
        return f"(SELECT count(*) {messages(ctx, since(ctx, args))}) >= {ctx.param(args['times'])}"

    def of_campaign(ctx: Context, args: dict) -> str:
        workspace, batch = ctx.param(ctx.workspace_id), ctx.param(int(args["campaign"]))
        return (
            f"EXISTS (SELECT FROM delivery_message m WHERE m.contact_id = c.id AND m.workspace_id = {workspace} "  # noqa: S608
            f"AND m.batch_id IN (SELECT id FROM delivery_batch WHERE workspace_id = {workspace} "
            f"AND (id = {batch} OR origin_id = {batch})) AND {FACTS[fact]} IS NOT NULL)"
        )

    def negated(sql: Callable[[Context, dict], str]) -> Callable[[Context, dict], str]:
        return lambda ctx, args: "NOT " + sql(ctx, args)

    campaign = Input("campaign", "choice", _("campaign"), of=SENT)
    return (
        Operator(
            "last",
            _("within the last days"),
            ngettext_lazy("within the last %(days)s day", "within the last %(days)s days", "days"),
            lately,
            (DAYS,),
        ),
        Operator(
            "not_last",
            _("not within the last days"),
            ngettext_lazy("not within the last %(days)s day", "not within the last %(days)s days", "days"),
            negated(lately),
            (DAYS,),
        ),
        Operator(
            "times",
            _("several times within the last days"),
            ngettext_lazy(
                "at least %(times)s times within the last %(days)s day",
                "at least %(times)s times within the last %(days)s days",
                "days",
            ),
            often,
            (TIMES, DAYS),
        ),
        Operator("ever", _("at any time"), _("at any time"), ever),
        Operator("never", _("never"), _("never"), negated(ever)),
        Operator("campaign", _("of a campaign"), _("of “%(campaign)s”"), of_campaign, (campaign,)),
        Operator("not_campaign", _("not of a campaign"), _("not of “%(campaign)s”"), negated(of_campaign), (campaign,)),
    )
