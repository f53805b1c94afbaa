"""Operators by the kind of a value: what can be asked of any text, number, day or moment, given its SQL expression."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Callable

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from contacts.segments.conditions import Context, Input, Operator

# The SQL expression of a value, NULL where there is none.
Expression = Callable[[Context], str]

TEXT = Input("value", "text")
NUMBER = Input("value", "number")
DAY = Input("value", "date")
DAYS = Input("days", "days")
BETWEEN_NUMBERS = (Input("low", "number"), Input("high", "number"))
BETWEEN_DAYS = (Input("low", "date"), Input("high", "date"))


def presence(value: Expression) -> tuple[Operator, ...]:
    return (
        Operator("filled", _("is filled in"), _("is filled in"), lambda ctx, told: f"{value(ctx)} IS NOT NULL"),
        Operator("empty", _("is empty"), _("is empty"), lambda ctx, told: f"{value(ctx)} IS NULL"),
    )


Comparison = Callable[[Context, str], str]


def text(value: Expression, *, same: Comparison | None = None, other: Comparison | None = None) -> tuple[Operator, ...]:
    """Upper and lower case are alike. `same` replaces the comparison for equality, where an index can answer it, and
    `other` its negation."""

    def equal(ctx: Context, told: dict) -> str:
        if same is not None:
            return same(ctx, told["value"])
        return f"lower({value(ctx)}) = lower({ctx.param(told['value'])})"

    def differs(ctx: Context, told: dict) -> str:
        return other(ctx, told["value"]) if other is not None else _not(equal)(ctx, told)

    def contains(ctx: Context, told: dict) -> str:
        return f"strpos(lower({value(ctx)}), lower({ctx.param(told['value'])})) > 0"

    def starts(ctx: Context, told: dict) -> str:
        return f"starts_with(lower({value(ctx)}), lower({ctx.param(told['value'])}))"

    return (
        Operator("is", _("is"), _("is “%(value)s”"), equal, (TEXT,)),
        Operator("is_not", _("is not"), _("is not “%(value)s”"), differs, (TEXT,)),
        Operator("contains", _("contains"), _("contains “%(value)s”"), contains, (TEXT,)),
        Operator("contains_not", _("does not contain"), _("does not contain “%(value)s”"), _not(contains), (TEXT,)),
        Operator("starts", _("starts with"), _("starts with “%(value)s”"), starts, (TEXT,)),
        *presence(value),
    )


def choice(
    value: Expression, options: Callable[[], list[tuple[str, str]]], *, any_of: Callable | None = None
) -> tuple[Operator, ...]:
    """One of fixed words. `any_of(ctx, words)` replaces the comparison, where an index can answer it."""
    chosen = Input("values", "choices", options=options)

    def one_of(ctx: Context, told: dict) -> str:
        if any_of is not None:
            return any_of(ctx, told["values"])
        return f"{value(ctx)} = ANY({ctx.param(told['values'])})"

    return (
        Operator("any", _("is one of"), _("is %(values)s"), one_of, (chosen,)),
        Operator("none", _("is none of"), _("is not %(values)s"), _not(one_of), (chosen,)),
        *presence(value),
    )


def number(value: Expression) -> tuple[Operator, ...]:
    def compare(sign: str):
        return lambda ctx, told: f"{value(ctx)} {sign} {ctx.param(told['value'])}::numeric"

    def between(ctx: Context, told: dict) -> str:
        return f"{value(ctx)} BETWEEN {ctx.param(told['low'])}::numeric AND {ctx.param(told['high'])}::numeric"

    return (
        Operator("eq", "=", _("is %(value)s"), compare("="), (NUMBER,)),
        Operator("lt", "<", _("is less than %(value)s"), compare("<"), (NUMBER,)),
        Operator("le", "≤", _("is at most %(value)s"), compare("<="), (NUMBER,)),
        Operator("gt", ">", _("is more than %(value)s"), compare(">"), (NUMBER,)),
        Operator("ge", "≥", _("is at least %(value)s"), compare(">="), (NUMBER,)),
        Operator("between", _("is between"), _("is between %(low)s and %(high)s"), between, BETWEEN_NUMBERS),
        *presence(value),
    )


def day(value: Expression) -> tuple[Operator, ...]:
    """A date without a time, as ISO 8601 text, which sorts as it reads."""

    def bound(low: Callable, high: Callable):
        def sql(ctx: Context, told: dict) -> str:
            parts = []
            for sign, limit in ((">=", low(ctx, told)), ("<=", high(ctx, told))):
                if limit is not None:
                    parts.append(f'{value(ctx)} COLLATE "C" {sign} {ctx.param(_iso(limit))}')
            return " AND ".join(parts)

        return sql

    def anniversary(ctx: Context, told: dict) -> str:
        return f"substr({value(ctx)}, 6, 5) = ANY({ctx.param(_days_of_year(ctx.today, told['days']))})"

    return (
        *_day_operators(bound),
        Operator(
            "anniversary",
            _("has its anniversary in the next … days"),
            ngettext_lazy(
                "has its anniversary in the next %(days)s day",
                "has its anniversary in the next %(days)s days",
                "days",
            ),
            anniversary,
            (Input("days", "days"),),
        ),
        *presence(value),
    )


def moment(value: Expression) -> tuple[Operator, ...]:
    """A point in time; days begin at midnight in the workspace's zone."""

    def bound(low: Callable, high: Callable):
        def sql(ctx: Context, told: dict) -> str:
            parts = []
            if (first := low(ctx, told)) is not None:
                parts.append(f"{value(ctx)} >= {ctx.param(ctx.midnight(_as_day(first)))}")
            if (last := high(ctx, told)) is not None:
                parts.append(f"{value(ctx)} < {ctx.param(ctx.midnight(_as_day(last) + datetime.timedelta(1)))}")
            return " AND ".join(parts)

        return sql

    return (*_day_operators(bound), *presence(value))


def _day_operators(bound: Callable) -> tuple[Operator, ...]:
    def never(ctx, told):
        return None

    def today(ctx, told):
        return ctx.today

    def ago(ctx, told):
        return ctx.today - datetime.timedelta(told["days"])

    def ahead(ctx, told):
        return ctx.today + datetime.timedelta(told["days"])

    def given(name: str, shift: int = 0):
        return lambda ctx, told: _as_day(told[name]) + datetime.timedelta(shift)

    return (
        Operator("on", _("is on"), _("is on %(value)s"), bound(given("value"), given("value")), (DAY,)),
        Operator("before", _("is before"), _("is before %(value)s"), bound(never, given("value", -1)), (DAY,)),
        Operator("after", _("is after"), _("is after %(value)s"), bound(given("value", 1), never), (DAY,)),
        Operator(
            "between",
            _("is between"),
            _("is between %(low)s and %(high)s"),
            bound(given("low"), given("high")),
            BETWEEN_DAYS,
        ),
        Operator(
            "last",
            _("is in the last … days"),
            ngettext_lazy("is in the last %(days)s day", "is in the last %(days)s days", "days"),
            bound(ago, today),
            (DAYS,),
        ),
        Operator(
            "older",
            _("is more than … days ago"),
            ngettext_lazy("is more than %(days)s day ago", "is more than %(days)s days ago", "days"),
            bound(never, lambda ctx, told: ago(ctx, told) - datetime.timedelta(1)),
            (DAYS,),
        ),
        Operator(
            "next",
            _("is in the next … days"),
            ngettext_lazy("is in the next %(days)s day", "is in the next %(days)s days", "days"),
            bound(today, ahead),
            (DAYS,),
        ),
    )


def _as_day(value) -> datetime.date:
    return value if isinstance(value, datetime.date) else datetime.date.fromisoformat(value)


def _iso(value) -> str:
    return _as_day(value).isoformat()


def _days_of_year(today: datetime.date, days: int) -> list[str]:
    """The days from today on as "MM-DD". Born on 29 February counts on the 28th in other years."""
    coming = [today + datetime.timedelta(n) for n in range(min(days, 366) + 1)]
    names = {f"{day:%m-%d}" for day in coming}
    if any(day.month == 2 and day.day == 28 and not calendar.isleap(day.year) for day in coming):
        names.add("02-29")
    return sorted(names)


def _not(sql: Callable[[Context, dict], str]) -> Callable[[Context, dict], str]:
    return lambda ctx, told: f"({sql(ctx, told)}) IS NOT TRUE"
