"""Segment conditions on messages that a person was sent, opened or clicked, and on soft bounces; registered with
contacts."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator

from django.db.models import QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from contacts.groups import pickers
from contacts.groups.pickers import Kind
from contacts.segments.conditions import GROUP_ENGAGEMENT, Context, Input, Operator, Subject, register
from delivery import batch_groups
from delivery.models import Hit, Message, TrackedLink
from delivery.models.message import MAILBOX_REASONS

DAYS = Input("days", "days", _("days"))
TIMES = Input("times", "times", _("times"))
CAMPAIGNS = Input("campaigns", "campaigns", _("campaigns"))
ADDRESS = Input("url", "text", _("part of the link's address"))

Sql = Callable[[Context, dict], str]

ARRIVED = f"m.state IN ({Message.State.ACCEPTED:d}, {Message.State.UNKNOWN:d})"

# For each fact, SQL that ends with the time at which it happened.
FACTS = {
    "sent": f"{ARRIVED} AND m.settled_at",
    "opened": "m.opened_at",
    "clicked": "m.clicked_at",
    "soft_bounced": f"m.state = {Message.State.FAILED:d} AND m.reason IN {MAILBOX_REASONS!r} AND m.settled_at",
}

SENT = pickers.register(
    Kind(
        "campaign",
        _("Campaign"),
        _("Campaigns"),
        batch_groups.firsts,
        order=("-id",),
    )
)


def _links() -> QuerySet:
    """The links of campaigns. The same address may be in several campaigns, so the campaign's name follows."""
    links = TrackedLink.objects.filter(batch__in=batch_groups.firsts())
    return links.annotate(name=Concat("url", Value(" · "), "batch__name", output_field=TextField()))


LINK = pickers.register(
    Kind("link", _("Link of a campaign"), _("Links of campaigns"), _links, order=("-batch_id", "n"))
)


@register
def engagement() -> Iterator[Subject]:
    labels = {
        "sent": _("Was sent a message"),
        "opened": _("Opened a message"),
        "clicked": _("Clicked a message"),
        "soft_bounced": _("Mailbox was full or unavailable (soft bounce)"),
    }
    more = {"opened": _of_last_campaigns("opened"), "clicked": (*_of_last_campaigns("clicked"), *_of_links())}
    for fact, label in labels.items():
        yield Subject(fact, label, GROUP_ENGAGEMENT, (*_operators(fact), *more.get(fact, ())))


def negated(sql: Sql) -> Sql:
    return lambda ctx, args: "NOT " + sql(ctx, args)


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
            f"AND m.batch_id IN (SELECT b.id FROM delivery_batch b WHERE b.workspace_id = {workspace} "
            f"AND {batch_groups.condition(workspace, batch, 'b')}) AND {FACTS[fact]} IS NOT NULL)"
        )

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


def _of_last_campaigns(fact: str) -> tuple[Operator, ...]:
    """Of the last campaigns that this person was sent. "None" is only true for somebody who was sent as many: a
    newcomer who has not opened the first one is not yet a lost reader."""

    def newest(ctx: Context, args: dict) -> str:
        workspace = ctx.param(ctx.workspace_id)
        return (
            f"(SELECT {FACTS[fact]} AS at FROM delivery_message m WHERE m.contact_id = c.id "  # noqa: S608
            f"AND m.workspace_id = {workspace} AND {ARRIVED} AND m.batch_id IN (SELECT id FROM delivery_batch "
            f"WHERE workspace_id = {workspace} AND purpose = 'marketing') "
            f"ORDER BY m.settled_at DESC, m.batch_id DESC LIMIT {ctx.param(args['campaigns'])}) l"
        )

    def some(ctx: Context, args: dict) -> str:
        return f"EXISTS (SELECT FROM {newest(ctx, args)} WHERE l.at IS NOT NULL)"

    def none(ctx: Context, args: dict) -> str:
        return f"(SELECT count(*) = {ctx.param(args['campaigns'])} AND count(l.at) = 0 FROM {newest(ctx, args)})"  # noqa: S608

    return (
        Operator(
            "last_any",
            _("in the last … campaigns received"),
            ngettext_lazy(
                "in the last %(campaigns)s campaign received",
                "in the last %(campaigns)s campaigns received",
                "campaigns",
            ),
            some,
            (CAMPAIGNS,),
        ),
        Operator(
            "last_none",
            _("in none of the last … campaigns received"),
            ngettext_lazy(
                "not in the last %(campaigns)s campaign received",
                "in none of the last %(campaigns)s campaigns received",
                "campaigns",
            ),
            none,
            (CAMPAIGNS,),
        ),
    )


def _of_links() -> tuple[Operator, ...]:
    def clicked(ctx: Context, batches: str, links: str) -> str:
        """Clicks on these links. Everybody who clicked is looked up once, not once for each contact."""
        workspace = ctx.param(ctx.workspace_id)
        return (
            f"c.id IN (SELECT h.contact_id FROM delivery_batch b "  # noqa: S608
            f"JOIN delivery_trackedlink k ON k.workspace_id = {workspace} AND k.batch_id = b.id "
            f"JOIN delivery_hit h ON h.workspace_id = {workspace} AND h.batch_id = b.id AND h.link = k.n "
            f"AND h.kind = {Hit.Kind.CLICK:d} AND h.made_by = {Hit.MadeBy.PERSON:d} "
            f"WHERE b.workspace_id = {workspace} AND b.purpose = 'marketing' AND {batches} AND {links})"
        )

    def this(ctx: Context, args: dict) -> str:
        """The same address in any batch of the campaign."""
        chosen = f"FROM delivery_trackedlink WHERE id = {ctx.param(int(args['link']))}"
        batches = batch_groups.condition(ctx.param(ctx.workspace_id), f"(SELECT batch_id {chosen})", "b")
        return clicked(ctx, batches, f"k.url = (SELECT url {chosen})")

    def containing(ctx: Context, args: dict) -> str:
        return clicked(ctx, "TRUE", f"strpos(lower(k.url), lower({ctx.param(args['url'])})) > 0")

    link = Input("link", "choice", _("link"), of=LINK)
    return (
        Operator("link", _("on a link of a campaign"), _("on “%(link)s”"), this, (link,)),
        Operator("not_link", _("not on a link of a campaign"), _("not on “%(link)s”"), negated(this), (link,)),
        Operator("url", _("on a link that contains"), _("on a link that contains “%(url)s”"), containing, (ADDRESS,)),
        Operator(
            "not_url",
            _("not on a link that contains"),
            _("on no link that contains “%(url)s”"),
            negated(containing),
            (ADDRESS,),
        ),
    )
