"""Conditions on the person: names, addresses, language, since when."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from contacts.segments import comparisons
from contacts.segments.conditions import GROUP_PERSON, Input, Operator, Subject, register

KINDS = [(key, label) for key, label in Contact.AddressKind.choices if key]


def column(name: str) -> comparisons.Expression:
    """A text column of the contact; the empty text is no value."""
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
    sleeping = (
        Operator("yes", _("yes"), _("for a long time"), lambda ctx, told: "c.inactive_at IS NOT NULL"),
        Operator("no", _("no"), _("is not the case"), lambda ctx, told: "c.inactive_at IS NULL"),
    )
    yield Subject("inactive", _("Inactive"), GROUP_PERSON, sleeping)
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
                lambda ctx, told: f"c.address_kind = ANY({ctx.param(told['values'])})",
                (Input("values", "choices", options=lambda: KINDS),),
            ),
            Operator("empty", _("is personal"), _("is personal"), lambda ctx, told: "c.address_kind = ''"),
        ),
    )
