"""Conditions on the person: names, addresses, language, inactivity."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from contacts.fields.labels import LABELS
from contacts.groups import pickers
from contacts.models import Contact
from contacts.segments import comparisons
from contacts.segments.conditions import GROUP_PERSON, Context, Input, Operator, Subject, register
from kernel import domains

KINDS = [(key, label) for key, label in Contact.AddressKind.choices if key]


def column(name: str) -> comparisons.Expression:
    """A text column of the contact. Empty text counts as no value."""
    return lambda ctx: f"nullif(c.{name}, '')"


@register
def person() -> Iterator[Subject]:
    yield Subject("email", LABELS["email"], GROUP_PERSON, _email())
    for name in ("first_name", "last_name", "phone", "external_id"):
        yield Subject(name, LABELS[name], GROUP_PERSON, comparisons.text(column(name)))
    domain = comparisons.text(lambda ctx: "substring(c.email from '[^@]*$')", typed=typed_domain)
    yield Subject("domain", _("Domain of the e-mail address"), GROUP_PERSON, domain)
    language = comparisons.choice(column("language"), of=pickers.LANGUAGE)
    yield Subject("language", LABELS["language"], GROUP_PERSON, language)
    inactive = (
        Operator("yes", _("yes"), _("for a long time"), lambda ctx, args: "c.inactive_at IS NOT NULL"),
        Operator("no", _("no"), _("is not the case"), lambda ctx, args: "c.inactive_at IS NULL"),
    )
    yield Subject("inactive", _("Inactive"), GROUP_PERSON, inactive)
    yield Subject(
        "address_kind",
        _("Type of address"),
        GROUP_PERSON,
        (
            Operator(
                "any",
                _("is one of"),
                _("is %(values)s"),
                lambda ctx, args: f"c.address_kind = ANY({ctx.param(args['values'])})",
                (Input("values", "choices", options=lambda: KINDS),),
            ),
            Operator("empty", _("is personal"), _("is personal"), lambda ctx, args: "c.address_kind = ''"),
        ),
    )


def _email() -> tuple[Operator, ...]:
    """Addresses are stored in lower case, so an index finds a whole one."""

    def one_of(ctx: Context, addresses: list[str]) -> str:
        return f"c.email = ANY({ctx.param(addresses)}::text[])"

    return comparisons.text(
        column("email"), same=lambda ctx, address: one_of(ctx, [address]), any_of=one_of, typed=typed_address
    )


def typed_address(text: str) -> str:
    """An address, or a part of one, as addresses are stored."""
    local, at, domain = text.rpartition("@")
    return f"{local.lower()}@{typed_domain(domain)}" if at else text.lower()


def typed_domain(text: str) -> str:
    """A domain, or a part of one, as domains are stored: "münchen.de" for "XN--MNCHEN-3YA.de" and "@München.DE"."""
    text = text.removeprefix("@")
    try:
        return domains.to_unicode(text)
    except domains.BadDomain:  # it is a part, such as ".xn--p1ai"
        return ".".join(map(_typed_label, text.split(".")))


def _typed_label(label: str) -> str:
    try:
        return domains.to_unicode(label)
    except domains.BadDomain:
        return label.lower()
