"""Conditions on what a person belongs to: tags, lists, companies."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from contacts import choosing
from contacts.choosing import Kind
from contacts.models import Company, CompanyContact
from contacts.segmentation import comparing
from contacts.segmentation.conditions import GROUP_COMPANY, GROUP_GROUPS, Context, Input, Operator, Subject, register


def membership(table: str, pointer: str, kind: Kind, *, has: str, has_all: str, has_none: str) -> tuple[Operator, ...]:
    """Bearing some, all or none of tags or lists."""
    chosen = Input("ids", "choices", of=kind)

    def some(ctx: Context, told: dict) -> str:
        ids = ctx.param([int(key) for key in told["ids"]])
        return (
            f"EXISTS (SELECT FROM {table} g WHERE g.workspace_id = {ctx.param(ctx.workspace_id)} "
            f"AND g.contact_id = c.id AND g.{pointer} = ANY({ids}))"
        )

    def every(ctx: Context, told: dict) -> str:
        return " AND ".join(some(ctx, {"ids": [key]}) for key in told["ids"])

    def none(ctx: Context, told: dict) -> str:
        return "NOT " + some(ctx, told)

    return (
        Operator("any", _("any of"), has, some, (chosen,)),
        Operator("all", _("all of"), has_all, every, (chosen,)),
        Operator("none", _("none of"), has_none, none, (chosen,)),
    )


@register
def groups() -> Iterator[Subject]:
    yield Subject(
        "tag",
        _("Tag"),
        GROUP_GROUPS,
        membership(
            "contacts_contacttag",
            "tag_id",
            choosing.TAG,
            has=_("is %(ids)s"),
            has_all=_("is all of %(ids)s"),
            has_none=_("is not %(ids)s"),
        ),
    )
    yield Subject(
        "list",
        _("List"),
        GROUP_GROUPS,
        membership(
            "contacts_listmember",
            "contact_list_id",
            choosing.LIST,
            has=_("is %(ids)s"),
            has_all=_("is all of %(ids)s"),
            has_none=_("is not %(ids)s"),
        ),
    )


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
        inner = comparing.text(lambda ctx: f"nullif({column}, '')")
        kept = [operator for operator in inner if operator.key in ("is", "contains", "starts")]
        return tuple(Operator(op.key, op.label, op.words, any_company(op.sql), op.inputs) for op in kept)

    exists = any_company(lambda ctx, told: "TRUE")
    yield Subject(
        "company",
        _("Company"),
        GROUP_COMPANY,
        (
            *words("o.name"),
            Operator("filled", _("there is one"), _("is known"), exists),
            Operator("empty", _("there is none"), _("is not known"), lambda ctx, told: f"NOT {exists(ctx, told)}"),
        ),
    )
    yield Subject("company:kind", _("Company's kind"), GROUP_COMPANY, about("o.kind", Company.Kind.choices))
    yield Subject("company:status", _("Company's status"), GROUP_COMPANY, about("o.status", Company.Status.choices))
    yield Subject("company:industry", _("Company's industry"), GROUP_COMPANY, words("o.industry"))
    yield Subject("company:role", _("Role at the company"), GROUP_COMPANY, about("l.role", CompanyContact.Role.choices))
