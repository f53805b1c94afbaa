"""Conditions on the person: names, addresses, language, inactivity, when the contact was added."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from contacts.segments import comparisons
from contacts.segments.conditions import GROUP_PERSON, Input, Operator, Subject, register

KINDS = [(key, label) for key, label in Contact.AddressKind.choices if key]


def column(name: str) -> comparisons.Expression:
    """A text column of the contact. Empty text counts as no value."""
    return lambda ctx: f"nullif(c.{name}, '')"


@register
def person() -> Iterator[Subject]:
    texts = [
        ("email", _("E-mail")),
        ("first_name", _("First name")),
        ("last_name", _("Last name")),
        ("phone", _("Phone")),
        ("external_id", _("Customer number")),
    ]
    for name, label in texts:
        yield Subject(name, label, GROUP_PERSON, comparisons.text(column(name)))
    domain = comparisons.text(lambda ctx: "substring(c.email from position('@' in c.email) + 1)")
    yield Subject("domain", _("Domain of the e-mail address"), GROUP_PERSON, domain)
    yield Subject(
        "language",
        _("Language"),
        GROUP_PERSON,
        comparisons.choice(column("language"), lambda: settings.LANGUAGES),
    )
    inactive = (
        Operator("yes", _("yes"), _("for a long time"), lambda ctx, args: "c.inactive_at IS NOT NULL"),
        Operator("no", _("no"), _("is not the case"), lambda ctx, args: "c.inactive_at IS NULL"),
    )
    yield Subject("inactive", _("Inactive"), GROUP_PERSON, inactive)
    yield Subject("created", _("Added"), GROUP_PERSON, comparisons.moment(lambda ctx: "c.created_at"))
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
