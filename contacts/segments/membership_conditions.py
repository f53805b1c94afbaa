"""Conditions on what a person belongs to: tags, lists, companies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from contacts.groups import pickers
from contacts.groups.pickers import Kind
from contacts.models import Company, CompanyContact
from contacts.segments import comparisons
from contacts.segments.conditions import GROUP_COMPANY, GROUP_GROUPS, Context, Input, Operator, Subject, register


@dataclass(frozen=True)
class Membership:
    """What people bear or are on, of a kind; `table` says who, and its column `pointer` what of."""

    kind: Kind
    table: str
    pointer: str

    def some(self, ctx: Context, ids: Iterable[int]) -> str:
        return (
            f"EXISTS (SELECT FROM {self.table} g WHERE g.workspace_id = {ctx.param(ctx.workspace_id)} "
            f"AND g.contact_id = c.id AND g.{self.pointer} = ANY({ctx.param([*ids])}))"
        )

    def operators(self) -> tuple[Operator, ...]:
        chosen = Input("ids", "choices", of=self.kind)

        def some(ctx: Context, told: dict) -> str:
            return self.some(ctx, map(int, told["ids"]))

        def every(ctx: Context, told: dict) -> str:
            return " AND ".join(self.some(ctx, [int(key)]) for key in told["ids"])

        def none(ctx: Context, told: dict) -> str:
            return "NOT " + some(ctx, told)

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
    def any_company(condition) -> Operator:
        return lambda ctx, told: (
            "EXISTS (SELECT FROM contacts_companycontact l JOIN contacts_company o ON o.id = l.company_id "
            f"WHERE l.workspace_id = {ctx.param(ctx.workspace_id)} AND l.contact_id = c.id "
            f"AND o.deleted_at IS NULL AND {condition(ctx, told)})"
        )

    def about(column: str, choices) -> tuple[Operator, ...]:
        chosen = Input("values", "choices", options=lambda: [(key, str(label)) for key, label in choices])
        has = any_company(lambda ctx, told: f"{column} = ANY({ctx.param(told['values'])})")
        return (
            Operator("any", _("is one of"), _("is %(values)s"), has, (chosen,)),
            Operator(
                "none", _("is none of"), _("is not %(values)s"), lambda ctx, told: f"NOT {has(ctx, told)}", (chosen,)
            ),
        )

    def words(column: str) -> tuple[Operator, ...]:
        inner = comparisons.text(lambda ctx: f"nullif({column}, '')")
        kept = [operator for operator in inner if operator.key in ("is", "contains", "starts")]
        return tuple(Operator(op.key, op.label, op.words, any_company(op.sql), op.inputs) for op in kept)

    exists = any_company(lambda ctx, told: "TRUE")
    yield Subject(
        "company",
        _("Company"),
        GROUP_COMPANY,
        (
            *words("o.name"),
            Operator("filled", _("is known"), _("is known"), exists),
            Operator("empty", _("is not known"), _("is not known"), lambda ctx, told: f"NOT {exists(ctx, told)}"),
        ),
    )
    yield Subject("company:kind", _("Company type"), GROUP_COMPANY, about("o.kind", Company.Kind.choices))
    yield Subject("company:status", _("Company status"), GROUP_COMPANY, about("o.status", Company.Status.choices))
    yield Subject("company:industry", _("Company industry"), GROUP_COMPANY, words("o.industry"))
    yield Subject("company:role", _("Role at the company"), GROUP_COMPANY, about("l.role", CompanyContact.Role.choices))
