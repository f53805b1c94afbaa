"""Operators by kind of value: the conditions on any text, number, day or moment, given its SQL expression."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from contacts.groups.pickers import Kind
from contacts.segments.conditions import Context, Input, Operator, Options, Sql

#: Returns the SQL expression of a value, which is NULL if there is no value.
Expression = Callable[[Context], str]
#: Returns the SQL condition that compares a value with the given one.
Comparison = Callable[[Context, Any], str]
#: Returns the first or the last day of a range, None if the range is open at this end.
Bound = Callable[[Context, dict], datetime.date | None]
#: Returns the SQL condition that a value is within two bounds.
Between = Callable[[Bound, Bound], Sql]

TEXT = Input("value", "text")
LINES = Input("values", "lines")
NUMBER = Input("value", "number")
DAY = Input("value", "date")
DAYS = Input("days", "days")
AGES = (Input("low", "years"), Input("high", "years", _("years")))
BETWEEN_NUMBERS = (Input("low", "number"), Input("high", "number"))
BETWEEN_DAYS = (Input("low", "date"), Input("high", "date"))


def presence(value: Expression) -> tuple[Operator, ...]:
    """Whether there is a value."""
    return (
        Operator("filled", _("is filled in"), _("is filled in"), lambda ctx, args: f"{value(ctx)} IS NOT NULL"),
        Operator("empty", _("is empty"), _("is empty"), lambda ctx, args: f"{value(ctx)} IS NULL"),
    )


def text(
    value: Expression,
    *,
    same: Comparison | None = None,
    other: Comparison | None = None,
    any_of: Callable[[Context, list[str]], str] | None = None,
    typed: Callable[[str], str] = str,
) -> tuple[Operator, ...]:
    """Operators on a text, which ignore case. `same` replaces the comparison for equality if an index can answer it,
    `other` its negation, and `any_of` the comparison with a list. `typed` brings what a merchant typed into the form in
    which the value is stored."""

    def given(ctx: Context, args: dict) -> str:
        return f"lower({ctx.param(typed(args['value']))})"

    def equal(ctx: Context, args: dict) -> str:
        if same is not None:
            return same(ctx, typed(args["value"]))
        return f"lower({value(ctx)}) = {given(ctx, args)}"

    def differs(ctx: Context, args: dict) -> str:
        return other(ctx, typed(args["value"])) if other is not None else negated(equal)(ctx, args)

    def one_of(ctx: Context, args: dict) -> str:
        texts = [typed(text) for text in args["values"]]
        if any_of is not None:
            return any_of(ctx, texts)
        # A subquery is hashed: the cost of a long list does not grow with the contacts.
        return f"lower({value(ctx)}) IN (SELECT lower(t) FROM unnest({ctx.param(texts)}::text[]) t)"  # noqa: S608

    def contains(ctx: Context, args: dict) -> str:
        return f"strpos(lower({value(ctx)}), {given(ctx, args)}) > 0"

    def starts(ctx: Context, args: dict) -> str:
        return f"starts_with(lower({value(ctx)}), {given(ctx, args)})"

    def ends(ctx: Context, args: dict) -> str:
        ending = given(ctx, args)
        return f"right(lower({value(ctx)}), length({ending})) = {ending}"

    return (
        Operator("is", _("is"), _("is “%(value)s”"), equal, (TEXT,)),
        Operator("is_not", _("is not"), _("is not “%(value)s”"), differs, (TEXT,)),
        Operator("one_of", _("is one of a list"), _("is %(values)s"), one_of, (LINES,)),
        Operator("not_one_of", _("is none of a list"), _("is not %(values)s"), negated(one_of), (LINES,)),
        Operator("contains", _("contains"), _("contains “%(value)s”"), contains, (TEXT,)),
        Operator("contains_not", _("does not contain"), _("does not contain “%(value)s”"), negated(contains), (TEXT,)),
        Operator("starts", _("starts with"), _("starts with “%(value)s”"), starts, (TEXT,)),
        Operator("ends", _("ends with"), _("ends with “%(value)s”"), ends, (TEXT,)),
        *presence(value),
    )


def choice(
    value: Expression,
    options: Callable[[], Options] | None = None,
    *,
    of: Kind | None = None,
    any_of: Callable[[Context, list[str]], str] | None = None,
) -> tuple[Operator, ...]:
    """Operators on one of fixed options, or one of the many of a kind. `any_of(ctx, keys)` replaces the comparison if
    an index can answer it."""
    chosen = Input("values", "choices", options=options, of=of)

    def one_of(ctx: Context, args: dict) -> str:
        if any_of is not None:
            return any_of(ctx, args["values"])
        return f"{value(ctx)} = ANY({ctx.param(args['values'])})"

    return (
        Operator("any", _("is one of"), _("is %(values)s"), one_of, (chosen,)),
        Operator("none", _("is none of"), _("is not %(values)s"), negated(one_of), (chosen,)),
        *presence(value),
    )


def number(value: Expression) -> tuple[Operator, ...]:
    """Operators on a number."""

    def compare(sign: str) -> Sql:
        return lambda ctx, args: f"{value(ctx)} {sign} {ctx.param(args['value'])}::numeric"

    def between(ctx: Context, args: dict) -> str:
        return f"{value(ctx)} BETWEEN {ctx.param(args['low'])}::numeric AND {ctx.param(args['high'])}::numeric"

    return (
        Operator("eq", "=", _("is %(value)s"), compare("="), (NUMBER,)),
        Operator("ne", "≠", _("is not %(value)s"), negated(compare("=")), (NUMBER,)),
        Operator("lt", "<", _("is less than %(value)s"), compare("<"), (NUMBER,)),
        Operator("le", "≤", _("is at most %(value)s"), compare("<="), (NUMBER,)),
        Operator("gt", ">", _("is more than %(value)s"), compare(">"), (NUMBER,)),
        Operator("ge", "≥", _("is at least %(value)s"), compare(">="), (NUMBER,)),
        Operator("between", _("is between"), _("is between %(low)s and %(high)s"), between, BETWEEN_NUMBERS),
        *presence(value),
    )


def day(value: Expression) -> tuple[Operator, ...]:
    """Operators on a date without a time: ISO 8601 text, whose order is the order of the days."""

    def within(low: Bound, high: Bound) -> Sql:
        def sql(ctx: Context, args: dict) -> str:
            parts = []
            for sign, limit in ((">=", low(ctx, args)), ("<=", high(ctx, args))):
                if limit is not None:
                    parts.append(f'{value(ctx)} COLLATE "C" {sign} {ctx.param(limit.isoformat())}')
            return " AND ".join(parts)

        return sql

    def on_days(days: Callable[[Context, dict], list[str]]) -> Sql:
        return lambda ctx, args: f"substr({value(ctx)}, 6, 5) = ANY({ctx.param(days(ctx, args))})"

    def this_month(ctx: Context, args: dict) -> str:
        return f"substr({value(ctx)}, 6, 2) = {ctx.param(f'{ctx.today:%m}')}"

    age = within(
        lambda ctx, args: _last_day_of_age(ctx.today, args["high"] + 1) + datetime.timedelta(1),
        lambda ctx, args: _last_day_of_age(ctx.today, args["low"]),
    )
    return (
        *_day_operators(within),
        Operator(
            "anniversary",
            _("has its anniversary in the next … days"),
            ngettext_lazy(
                "has its anniversary in the next %(days)s day",
                "has its anniversary in the next %(days)s days",
                "days",
            ),
            on_days(lambda ctx, args: _days_of_year(ctx.today, args["days"])),
            (DAYS,),
        ),
        Operator(
            "anniversary_today",
            _("has its anniversary today"),
            _("has its anniversary today"),
            on_days(lambda ctx, args: _days_of_year(ctx.today, 0)),
        ),
        Operator(
            "anniversary_month", _("has its anniversary this month"), _("has its anniversary this month"), this_month
        ),
        Operator("age", _("age is between"), _("gives an age from %(low)s to %(high)s"), age, AGES),
        *presence(value),
    )


def moment(value: Expression) -> tuple[Operator, ...]:
    """Operators on a point in time. Days begin at midnight in the workspace's time zone."""

    def within(low: Bound, high: Bound) -> Sql:
        def sql(ctx: Context, args: dict) -> str:
            first, last = low(ctx, args), high(ctx, args)
            begin = None if first is None else ctx.midnight(first)
            end = None if last is None else ctx.midnight(last + datetime.timedelta(1))
            if end is None:
                return f"{value(ctx)} >= {ctx.param(begin)}"
            if begin is None:
                return f"{value(ctx)} < {ctx.param(end)}"
            # One comparison: the value may be a subquery, and two would run it twice. A range must not end before it
            # begins.
            return f"{value(ctx)} <@ tstzrange({ctx.param(begin)}, {ctx.param(max(begin, end))})"

        return sql

    return (*_day_operators(within), *presence(value))


def _day_operators(within: Between) -> tuple[Operator, ...]:
    def unbounded(ctx: Context, args: dict) -> None:
        return None

    def today(ctx: Context, args: dict) -> datetime.date:
        return ctx.today

    def ago(ctx: Context, args: dict) -> datetime.date:
        return ctx.today - datetime.timedelta(args["days"])

    def ahead(ctx: Context, args: dict) -> datetime.date:
        return ctx.today + datetime.timedelta(args["days"])

    def given(name: str, shift: int = 0) -> Bound:
        return lambda ctx, args: datetime.date.fromisoformat(args[name]) + datetime.timedelta(shift)

    return (
        Operator("on", _("is on"), _("is on %(value)s"), within(given("value"), given("value")), (DAY,)),
        Operator("before", _("is before"), _("is before %(value)s"), within(unbounded, given("value", -1)), (DAY,)),
        Operator("after", _("is after"), _("is after %(value)s"), within(given("value", 1), unbounded), (DAY,)),
        Operator(
            "between",
            _("is between"),
            _("is between %(low)s and %(high)s"),
            within(given("low"), given("high")),
            BETWEEN_DAYS,
        ),
        Operator(
            "last",
            _("is in the last … days"),
            ngettext_lazy("is in the last %(days)s day", "is in the last %(days)s days", "days"),
            within(ago, today),
            (DAYS,),
        ),
        Operator(
            "older",
            _("is more than … days ago"),
            ngettext_lazy("is more than %(days)s day ago", "is more than %(days)s days ago", "days"),
            within(unbounded, lambda ctx, args: ago(ctx, args) - datetime.timedelta(1)),
            (DAYS,),
        ),
        Operator(
            "next",
            _("is in the next … days"),
            ngettext_lazy("is in the next %(days)s day", "is in the next %(days)s days", "days"),
            within(today, ahead),
            (DAYS,),
        ),
        Operator(
            "later",
            _("is in more than … days"),
            ngettext_lazy("is in more than %(days)s day", "is in more than %(days)s days", "days"),
            within(lambda ctx, args: ahead(ctx, args) + datetime.timedelta(1), unbounded),
            (DAYS,),
        ),
        Operator(
            "ago",
            _("is exactly … days ago"),
            ngettext_lazy("is exactly %(days)s day ago", "is exactly %(days)s days ago", "days"),
            within(ago, ago),
            (DAYS,),
        ),
        Operator(
            "ahead",
            _("is in exactly … days"),
            ngettext_lazy("is in exactly %(days)s day", "is in exactly %(days)s days", "days"),
            within(ahead, ahead),
            (DAYS,),
        ),
    )


def _days_of_year(today: datetime.date, days: int) -> list[str]:
    """The days from today on, as "MM-DD". A birthday on 29 February counts on the 28th in years without a 29th."""
    coming = [today + datetime.timedelta(n) for n in range(min(days, 366) + 1)]
    texts = {f"{day:%m-%d}" for day in coming}
    if any(day.month == 2 and day.day == 28 and not calendar.isleap(day.year) for day in coming):
        texts.add("02-29")
    return sorted(texts)


def _last_day_of_age(today: datetime.date, years: int) -> datetime.date:
    """The last day on which somebody was born who is at least so many years old today. As for anniversaries, who was
    born on 29 February is a year older on the 28th in years without a 29th."""
    year = today.year - years
    if today.month == 2 and today.day >= 28 and not (calendar.isleap(today.year) and today.day == 28):
        return datetime.date(year, 2, 29 if calendar.isleap(year) else 28)
    return today.replace(year=year)


def negated(sql: Sql) -> Sql:
    """The opposite condition, which is true for a missing value as well."""
    return lambda ctx, args: f"({sql(ctx, args)}) IS NOT TRUE"
