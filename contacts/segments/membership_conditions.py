"""Conditions on the tags, lists and companies of a contact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from contacts.groups import pickers
from contacts.groups.pickers import Kind
from contacts.models import Company, CompanyContact
from contacts.segments import comparisons
from contacts.segments.conditions import GROUP_COMPANY, GROUP_GROUPS, Context, Input, Operator, Sql, Subject, register


@dataclass(frozen=True)
class Membership:
    """A relation of contacts to objects of a kind: its table, and `pointer`, the column with the object's id."""

    kind: Kind
    table: str
    pointer: str

    def any_of(self, ctx: Context, ids: Iterable[int]) -> str:
        """An SQL condition: the contact `c` has at least one of these."""
        return (
            f"EXISTS (SELECT FROM {self.table} g WHERE g.workspace_id = {ctx.param(ctx.workspace_id)} "
            f"AND g.contact_id = c.id AND g.{self.pointer} = ANY({ctx.param([*ids])}))"
        )

    def operators(self) -> tuple[Operator, ...]:
        chosen = Input("ids", "choices", of=self.kind)

        def some(ctx: Context, args: dict) -> str:
            return self.any_of(ctx, map(int, args["ids"]))

        def every(ctx: Context, args: dict) -> str:
            return " AND ".join(self.any_of(ctx, [int(key)]) for key in args["ids"])

        def none(ctx: Context, args: dict) -> str:
            return "NOT " + some(ctx, args)

        return (
            Operator("any", _("any of"), _("is %(ids)s"), some, (chosen,)),
            Operator("all", _("all of"), _("is all of %(ids)s"), every, (chosen,)),
            Operator("none", _("none of"), _("is not %(ids)s"), none, (chosen,)),
        )


TAGGED = Membership(pickers.TAG, "contacts_contacttag", "tag_id")
LISTED = Membership(pickers.LIST, "contacts_listmember", "contact_list_id")


@register
def groups() -> Iterator[Subject]:
    yield Subject("tag", _("Tag"), GROUP_GROUPS, TAGGED.operators())
    yield Subject("list", _("List"), GROUP_GROUPS, LISTED.operators())


@register
def company() -> Iterator[Subject]:
    def any_company(condition: Sql) -> Sql:
        return lambda ctx, args: (
            "EXISTS (SELECT FROM contacts_companycontact l JOIN contacts_company o ON o.id = l.company_id "
            f"WHERE l.workspace_id = {ctx.param(ctx.workspace_id)} AND l.contact_id = c.id "
            f"AND o.deleted_at IS NULL AND {condition(ctx, args)})"
        )

    def about(column: str, choices: Iterable[tuple[str, Any]]) -> tuple[Operator, ...]:
        chosen = Input("values", "choices", options=lambda: [(key, str(label)) for key, label in choices])
        has = any_company(lambda ctx, args: f"{column} = ANY({ctx.param(args['values'])})")
        return (
            Operator("any", _("is one of"), _("is %(values)s"), has, (chosen,)),
            Operator(
                "none", _("is none of"), _("is not %(values)s"), lambda ctx, args: f"NOT {has(ctx, args)}", (chosen,)
            ),
        )

    def text(column: str) -> tuple[Operator, ...]:
        operators = comparisons.text(lambda ctx: f"nullif({column}, '')")
        positive = [operator for operator in operators if operator.key in ("is", "contains", "starts")]
        return tuple(replace(operator, sql=any_company(operator.sql)) for operator in positive)

    exists = any_company(lambda ctx, args: "TRUE")
    yield Subject(
        "company",
        _("Company"),
        GROUP_COMPANY,
        (
            *text("o.name"),
            Operator("filled", _("is known"), _("is known"), exists),
            Operator("empty", _("is not known"), _("is not known"), lambda ctx, args: f"NOT {exists(ctx, args)}"),
        ),
    )
    yield Subject("company:kind", _("Company type"), GROUP_COMPANY, about("o.kind", Company.Kind.choices))
    yield Subject("company:status", _("Company status"), GROUP_COMPANY, about("o.status", Company.Status.choices))
    yield Subject("company:industry", _("Company industry"), GROUP_COMPANY, text("o.industry"))
    yield Subject("company:role", _("Role at the company"), GROUP_COMPANY, about("l.role", CompanyContact.Role.choices))
