"""Conditions on the workspace's own fields, by kind of field."""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from contacts.models import ContactField
from contacts.segments import comparisons
from contacts.segments.conditions import GROUP_FIELDS, Context, Operator, Subject, register

# The expression of the index contact_by_attributes: keys and values in lower case.
FOLDED = "(lower(c.attributes::text))::jsonb"


@register
def fields() -> Iterator[Subject]:
    for own in ContactField.objects.present():
        yield Subject(f"field:{own.name}", own.label, GROUP_FIELDS, _operators_of(own))


def _operators_of(own: ContactField) -> tuple[Operator, ...]:
    def raw(ctx: Context) -> str:
        return f"nullif(c.attributes ->> {ctx.param(own.name)}, '')"

    def same(ctx: Context, value: str | bool) -> str:
        """An index answers the second part. The first part costs a tenth of the second: it decides if the index is not
        used."""
        document = ctx.param(json.dumps({own.name: value}, ensure_ascii=False))
        plain = ctx.param(value if isinstance(value, str) else json.dumps(value))
        return f"lower({raw(ctx)}) = lower({plain}) AND {FOLDED} @> lower({document})::jsonb"

    def other(ctx: Context, value: str) -> str:
        return f"lower({raw(ctx)}) IS DISTINCT FROM lower({ctx.param(value)})"

    def as_number(ctx: Context) -> str:
        name = ctx.param(own.name)
        return f"CASE jsonb_typeof(c.attributes -> {name}) WHEN 'number' THEN (c.attributes ->> {name})::numeric END"

    if own.kind == ContactField.Kind.NUMBER:
        return comparisons.number(as_number)
    if own.kind == ContactField.Kind.DATE:
        return comparisons.day(raw)
    if own.kind == ContactField.Kind.BOOLEAN:
        return (
            Operator("yes", _("is yes"), _("is yes"), lambda ctx, args: same(ctx, True)),
            Operator("no", _("is no"), _("is no"), lambda ctx, args: same(ctx, False)),
            *comparisons.presence(raw),
        )
    if own.kind == ContactField.Kind.CHOICE:
        return comparisons.choice(
            raw,
            lambda: [(choice, choice) for choice in own.choices],
            any_of=lambda ctx, keys: " OR ".join(f"({same(ctx, key)})" for key in keys),
        )
    return comparisons.text(raw, same=same, other=other)
