"""Conditions on where a contact came from: source, sign-up form, import, when it was added."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from contacts.groups import pickers
from contacts.imports import effects
from contacts.segments import comparisons
from contacts.segments.comparisons import negated
from contacts.segments.conditions import GROUP_ORIGIN, Context, Input, Operator, Sql, Subject, register

SOURCES = [
    ("form", _("Added by a member")),
    ("import", _("Import")),
    ("signup", _("Sign-up form")),
]


@register
def origin() -> Iterator[Subject]:
    source = comparisons.choice(lambda ctx: "c.source", lambda: SOURCES)
    yield Subject("source", _("Source"), GROUP_ORIGIN, source[:2])
    yield Subject("signup", _("Sign-up form"), GROUP_ORIGIN, _chosen(pickers.FORM, _signed_up))
    yield Subject("import", _("Import"), GROUP_ORIGIN, _chosen(pickers.IMPORT, _imported))
    yield Subject("created", _("Added"), GROUP_ORIGIN, comparisons.moment(lambda ctx: "c.created_at"))


def _chosen(kind: pickers.Kind, condition: Sql) -> tuple[Operator, ...]:
    chosen = Input("ids", "choices", of=kind)
    return (
        Operator("any", _("any of"), _("is %(ids)s"), condition, (chosen,)),
        Operator("none", _("none of"), _("is not %(ids)s"), negated(condition), (chosen,)),
    )


def _signed_up(ctx: Context, args: dict) -> str:
    """Only confirmed sign-ups: anybody can type somebody else's address."""
    return (
        f"EXISTS (SELECT FROM contacts_signup g WHERE g.workspace_id = {ctx.param(ctx.workspace_id)} "
        f"AND g.contact_id = c.id AND g.confirmed_at IS NOT NULL AND g.form_id = ANY({ctx.param(_ids(args))}))"
    )


def _imported(ctx: Context, args: dict) -> str:
    """Contacts that one of the imports created or updated, also if later ones contained them."""
    written = [effect.value for effect in effects.WRITTEN]
    return (
        f"EXISTS (SELECT FROM contacts_importedcontacts g WHERE g.workspace_id = {ctx.param(ctx.workspace_id)} "
        f"AND g.contact_import_id = ANY({ctx.param(_ids(args))}) AND g.effect = ANY({ctx.param(written)}) "
        "AND g.first_id <= c.id AND g.last_id >= c.id AND c.id = ANY(g.contact_ids))"
    )


def _ids(args: dict) -> list[int]:
    return [int(key) for key in args["ids"]]
