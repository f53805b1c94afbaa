"""Conditions on the tags, lists, segments and companies of a contact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from contacts.groups import pickers
from contacts.groups.pickers import Kind
from contacts.models import Company, CompanyContact
from contacts.segments import comparisons, compiling, definition, nesting
from contacts.segments.comparisons import negated
from contacts.segments.conditions import GROUP_COMPANY, GROUP_GROUPS, Context, Input, Operator, Sql, Subject, register


@dataclass(frozen=True)
class Membership:
    """A relation of contacts to objects of a kind: its table, `pointer`, the column with the object's id, and
    `objects`, the objects' table."""

    kind: Kind
    table: str
    pointer: str
    objects: str

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

        def at_all(ctx: Context, args: dict) -> str:
            """Deleted ones don't count: nobody sees them."""
            workspace = ctx.param(ctx.workspace_id)
            return (
                f"EXISTS (SELECT FROM {self.table} g WHERE g.workspace_id = {workspace} AND g.contact_id = c.id "  # noqa: S608
                f"AND g.{self.pointer} IN (SELECT o.id FROM {self.objects} o WHERE o.workspace_id = {workspace} "
                f"AND o.deleted_at IS NULL))"
            )

        return (
            Operator("any", _("any of"), _("is %(ids)s"), some, (chosen,)),
            Operator("all", _("all of"), _("is all of %(ids)s"), every, (chosen,)),
            Operator("none", _("none of"), _("is not %(ids)s"), none, (chosen,)),
            Operator("filled", _("has at least one"), _("is set"), at_all),
            Operator("empty", _("has none at all"), _("is not set"), negated(at_all)),
        )


TAGGED = Membership(pickers.TAG, "contacts_contacttag", "tag_id", "contacts_tag")
LISTED = Membership(pickers.LIST, "contacts_listmember", "contact_list_id", "contacts_contactlist")


@register
def groups() -> Iterator[Subject]:
    yield Subject("tag", _("Tag"), GROUP_GROUPS, TAGGED.operators())
    yield Subject("list", _("List"), GROUP_GROUPS, LISTED.operators())
    chosen = Input("ids", "choices", of=pickers.SEGMENT)
    yield Subject(
        "segment",
        _("Segment"),
        GROUP_GROUPS,
        (
            Operator("any", _("is in"), _("is %(ids)s"), _in_segment("any"), (chosen,)),
            Operator("none", _("is not in"), _("is not %(ids)s"), _in_segment("none"), (chosen,)),
        ),
    )


def _in_segment(match: str) -> Sql:
    def sql(ctx: Context, args: dict) -> str:
        rule = {"on": "segment", "op": match, "with": args}
        whole = nesting.expanded({"match": "all", "rules": [rule]})
        return compiling.compile_group(definition.read_usable(whole), ctx)

    return sql


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
        """A negation says that there is no such company, so it is true for people without a company."""
        operators = {one.key: one for one in comparisons.text(lambda ctx: f"nullif({column}, '')")}
        opposites = {"is_not": "is", "not_one_of": "one_of", "contains_not": "contains", "empty": "filled"}
        return tuple(
            replace(
                one,
                sql=negated(any_company(operators[opposites[key]].sql)) if key in opposites else any_company(one.sql),
            )
            for key, one in operators.items()
        )

    exists = any_company(lambda ctx, args: "TRUE")
    yield Subject(
        "company",
        _("Company"),
        GROUP_COMPANY,
        (
            *text("o.name")[:-2],
            Operator("filled", _("is known"), _("is known"), exists),
            Operator("empty", _("is not known"), _("is not known"), lambda ctx, args: f"NOT {exists(ctx, args)}"),
        ),
    )
    yield Subject("company:kind", _("Company type"), GROUP_COMPANY, about("o.kind", Company.Kind.choices))
    yield Subject("company:status", _("Company status"), GROUP_COMPANY, about("o.status", Company.Status.choices))
    for column, label in [
        ("industry", _("Company industry")),
        ("size", _("Company size")),
        ("website", _("Company website")),
        ("email", _("Company e-mail")),
        ("phone", _("Company phone")),
    ]:
        yield Subject(f"company:{column}", label, GROUP_COMPANY, text(f"o.{column}"))
    yield Subject("company:role", _("Role at the company"), GROUP_COMPANY, about("l.role", CompanyContact.Role.choices))
