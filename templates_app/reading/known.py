"""Which merge tags the active workspace has."""

from __future__ import annotations

from contacts.identity import merge_values
from contacts.models import ContactField
from contacts.people import missing_values
from templates_app.merging import message_tags
from templates_app.reading.findings import Known


def known_names() -> Known:
    own_fields = ContactField.objects.present().values_list("name", flat=True)
    return Known(
        always=frozenset({"email", *message_tags.OF_MESSAGE, "event", "now", "today"}),
        of_people=frozenset({*merge_values.NAMES, *own_fields} - {"email"}),
        missing=missing_values.count,
    )
