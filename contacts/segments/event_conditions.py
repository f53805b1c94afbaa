"""Conditions on what a person did: how often, when first and last, for how much, with which properties.

Each asks for one person by the index (workspace, contact, name, at). Sums are of one currency; nothing is converted.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from contacts.models import EventName
from contacts.segments import comparisons
from contacts.segments.comparisons import negated
from contacts.segments.conditions import GROUP_EVENTS, Context, Input, Operator, Sql, Subject, register

DAYS = Input("days", "days", gettext_lazy("days"))
TIMES = Input("times", "times", gettext_lazy("times"))
AMOUNT = Input("amount", "number", gettext_lazy("amount"))
VALUE = Input("value", "text", gettext_lazy("value"))


@register
def events() -> Iterator[Subject]:
    """Three subjects for each name of an event that the workspace has."""
    for name in EventName.objects.all():
        yield Subject(f"event:{name.name}", name.label, GROUP_EVENTS, _operators(name))
        for key, label, order in (
            ("first_event", _("%(event)s: first time"), "min"),
            ("last_event", _("%(event)s: last time"), "max"),
        ):
            moments = comparisons.moment(_moment(name, order))
            yield Subject(f"{key}:{name.name}", label % {"event": name.label}, GROUP_EVENTS, moments)


def _rows(ctx: Context, name: EventName, condition: str = "") -> str:
    """This person's events of the name, as the end of a SELECT."""
    return (
        f"FROM contacts_contactevent e WHERE e.workspace_id = {ctx.param(ctx.workspace_id)} AND e.contact_id = c.id "
        f"AND e.name_id = {ctx.param(name.pk)} {condition}"
    )


def _moment(name: EventName, order: str) -> Callable[[Context], str]:
    return lambda ctx: f"(SELECT {order}(e.at) {_rows(ctx, name)})"


def _ever(ctx: Context, args: dict) -> str:
    return ""


def _lately(ctx: Context, args: dict) -> str:
    return f"AND e.at >= {ctx.param(ctx.midnight(ctx.today - datetime.timedelta(args['days'])))}"


def _some(name: EventName, when: Sql, more: Sql = _ever) -> Sql:
    """There is one such event."""
    return lambda ctx, args: f"EXISTS (SELECT {_rows(ctx, name, when(ctx, args) + ' ' + more(ctx, args))})"


def _often(name: EventName, when: Sql, sign: str) -> Sql:
    """There are so many. Counting ends one beyond the number that is asked for."""

    def sql(ctx: Context, args: dict) -> str:
        enough = f"{_rows(ctx, name, when(ctx, args))} LIMIT {ctx.param(args['times'] + 1)}"
        return f"(SELECT count(*) FROM (SELECT {enough}) few) {sign} {ctx.param(args['times'])}"  # noqa: S608

    return sql


def _amounting(name: EventName, when: Sql) -> Sql:
    """Their values in one currency add up to at least the amount."""

    def sql(ctx: Context, args: dict) -> str:
        of_currency = f"{when(ctx, args)} AND e.currency = {ctx.param(args['currency'])}"
        return f"(SELECT sum(e.value) {_rows(ctx, name, of_currency)}) >= {ctx.param(args['amount'])}::numeric"

    return sql


def _worth(ctx: Context, args: dict) -> str:
    return f"AND e.currency = {ctx.param(args['currency'])} AND e.value >= {ctx.param(args['amount'])}::numeric"


def _with_property(ctx: Context, args: dict) -> str:
    return f"AND lower(e.properties ->> {ctx.param(args['property'])}) = lower({ctx.param(args['value'])})"


def _operators(name: EventName) -> tuple[Operator, ...]:
    return (
        Operator("ever", gettext_lazy("at any time"), gettext_lazy("at any time"), _some(name, _ever)),
        Operator("never", gettext_lazy("never"), gettext_lazy("never"), negated(_some(name, _ever))),
        Operator(
            "last",
            gettext_lazy("within the last days"),
            ngettext_lazy("within the last %(days)s day", "within the last %(days)s days", "days"),
            _some(name, _lately),
            (DAYS,),
        ),
        Operator(
            "not_last",
            gettext_lazy("not within the last days"),
            ngettext_lazy("not within the last %(days)s day", "not within the last %(days)s days", "days"),
            negated(_some(name, _lately)),
            (DAYS,),
        ),
        *_counting(name),
        *(_of_values(name) if name.currencies else ()),
        *(_of_properties(name) if name.properties else ()),
    )


def _counting(name: EventName) -> tuple[Operator, ...]:
    texts: list[tuple[str, str, Any, Any, Any, Any]] = [
        (
            "at_least",
            ">=",
            gettext_lazy("at least … times"),
            ngettext_lazy("at least %(times)s time", "at least %(times)s times", "times"),
            gettext_lazy("at least … times within the last days"),
            ngettext_lazy(
                "at least %(times)s times within the last %(days)s day",
                "at least %(times)s times within the last %(days)s days",
                "days",
            ),
        ),
        (
            "at_most",
            "<=",
            gettext_lazy("at most … times"),
            ngettext_lazy("at most %(times)s time", "at most %(times)s times", "times"),
            gettext_lazy("at most … times within the last days"),
            ngettext_lazy(
                "at most %(times)s times within the last %(days)s day",
                "at most %(times)s times within the last %(days)s days",
                "days",
            ),
        ),
        (
            "exactly",
            "=",
            gettext_lazy("exactly … times"),
            ngettext_lazy("exactly %(times)s time", "exactly %(times)s times", "times"),
            gettext_lazy("exactly … times within the last days"),
            ngettext_lazy(
                "exactly %(times)s times within the last %(days)s day",
                "exactly %(times)s times within the last %(days)s days",
                "days",
            ),
        ),
    ]
    found: list[Operator] = []
    for key, sign, label, phrase, label_lately, phrase_lately in texts:
        found += [
            Operator(key, label, phrase, _often(name, _ever, sign), (TIMES,)),
            Operator(f"{key}_last", label_lately, phrase_lately, _often(name, _lately, sign), (TIMES, DAYS)),
        ]
    return tuple(found)


def _of_values(name: EventName) -> tuple[Operator, ...]:
    currency = Input(
        "currency",
        "choice",
        gettext_lazy("currency"),
        options=lambda: [(code, code) for code in sorted(name.currencies)],
    )
    return (
        Operator(
            "total",
            gettext_lazy("for a total of at least"),
            gettext_lazy("for a total of at least %(amount)s %(currency)s"),
            _amounting(name, _ever),
            (AMOUNT, currency),
        ),
        Operator(
            "total_last",
            gettext_lazy("for a total of at least … within the last days"),
            ngettext_lazy(
                "for a total of at least %(amount)s %(currency)s within the last %(days)s day",
                "for a total of at least %(amount)s %(currency)s within the last %(days)s days",
                "days",
            ),
            _amounting(name, _lately),
            (AMOUNT, currency, DAYS),
        ),
        Operator(
            "worth",
            gettext_lazy("at least once for at least"),
            gettext_lazy("at least once for at least %(amount)s %(currency)s"),
            _some(name, _ever, _worth),
            (AMOUNT, currency),
        ),
    )


def _of_properties(name: EventName) -> tuple[Operator, ...]:
    chosen = Input(
        "property", "choice", gettext_lazy("property"), options=lambda: [(one, one) for one in sorted(name.properties)]
    )
    return (
        Operator(
            "with",
            gettext_lazy("with a property"),
            gettext_lazy("with %(property)s “%(value)s”"),
            _some(name, _ever, _with_property),
            (chosen, VALUE),
        ),
        Operator(
            "with_last",
            gettext_lazy("with a property, within the last days"),
            ngettext_lazy(
                "with %(property)s “%(value)s” within the last %(days)s day",
                "with %(property)s “%(value)s” within the last %(days)s days",
                "days",
            ),
            _some(name, _lately, _with_property),
            (chosen, VALUE, DAYS),
        ),
        Operator(
            "without",
            gettext_lazy("never with a property"),
            gettext_lazy("never with %(property)s “%(value)s”"),
            negated(_some(name, _ever, _with_property)),
            (chosen, VALUE),
        ),
    )
