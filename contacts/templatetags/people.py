"""Template tags for the pages about people."""

import json
from decimal import Decimal
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AuditEntry
from contacts.contact_events import currencies
from contacts.fields import values
from contacts.fields.labels import LABELS
from contacts.models import Channel, Contact, ContactEvent, ContactField
from contacts.people import timeline
from kernel.templatetags.ui import colon

register = template.Library()
MAX_PROPERTIES, MAX_PROPERTY_LENGTH = 8, 100  # of an event, as shown

AUDIT_WORDS = {
    "contact.created": gettext_lazy("Added manually"),
    "contact.changed": gettext_lazy("Edited"),
    "contact.deleted": gettext_lazy("Deleted"),
    "contact.restored": gettext_lazy("Restored"),
    "contact.unsubscribed": gettext_lazy("Opt-out recorded"),
    "contact.consented": gettext_lazy("Consent recorded"),
    "contact.data_given": gettext_lazy("Data exported for this person"),
    "contact.erased": gettext_lazy("Erased"),
    "contact.merged": gettext_lazy("Another contact merged into this one"),
    "contact.merged_away": gettext_lazy("Merged into this contact"),
}

PROPERTY_WORDS = {"form": gettext_lazy("Form")}  # of Fanfare's own events
FIELD_WORDS = {
    **LABELS,
    "tags": gettext_lazy("Tags"),
    "lists": gettext_lazy("Lists"),
    "companies": gettext_lazy("Companies"),
}


@register.simple_tag
def audit_entry(entry: AuditEntry, labels: dict[str, str]) -> str:
    """What a member did, as text, with the changed fields or the channel if the audit log has them. `labels`: what the
    own fields are called."""
    text = str(AUDIT_WORDS.get(entry.verb, entry.verb))
    words = FIELD_WORDS | labels
    fields = [str(words.get(name, name.removeprefix(timeline.OWN))) for name in timeline.changed_fields(entry)]
    if entry.detail.get("channel") in Channel.values:
        fields.append(str(Channel(entry.detail["channel"]).label))
    return _("%(deed)s: %(fields)s") % {"deed": text, "fields": ", ".join(fields)} if fields else text


@register.simple_tag
def money(value: Decimal, currency: str) -> str:
    """An amount as it is written in the active language."""
    return currencies.shown(value, currency)


@register.simple_tag
def event_properties(event: ContactEvent) -> str:
    """The first properties of an event, with a dash for each that has no value."""
    words = PROPERTY_WORDS if event.source == ContactEvent.Source.PRODUCT else {}
    first = list(event.properties.items())[:MAX_PROPERTIES]
    shown = [f"{colon(words.get(name, name))} {_short(value)}" for name, value in first]
    return " · ".join(shown) + ("…" if len(event.properties) > MAX_PROPERTIES else "")


def _short(value: Any) -> str:
    text = "–" if value in (None, "") else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_PROPERTY_LENGTH else text[:MAX_PROPERTY_LENGTH] + "…"


@register.simple_tag
def own_value(contact: Contact, own: ContactField) -> str:
    """The value of an own field for display; a dash if there is none."""
    return values.show(own, contact.attributes.get(own.name)) or "–"
