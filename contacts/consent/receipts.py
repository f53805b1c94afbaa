"""A person's consent receipt: every row of the ledger with its proof, as data whose hash is printed on each copy.

The hash is the SHA-256 of the canonical JSON (keys sorted, no white space, UTF-8) of the whole receipt. A PDF made
today and a JSON file made tomorrow have the same hash unless the data has changed in between.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from accounts.models import Workspace
from contacts.consent import consent_rules
from contacts.models import Channel, Consent, Contact, TopicChoice

FORMAT = 2  # version of the data's structure


def receipt(contact: Contact, workspace: Workspace) -> dict:
    """The receipt as JSON data, in the active scope. The ledger's rows come as they were recorded."""
    rows = Consent.objects.filter(contact__in=contact.ids_of_person).select_related("topic", "actor").order_by("id")
    choices = TopicChoice.objects.filter(contact=contact).select_related("topic").order_by("topic_id", "channel")
    return {
        "format": FORMAT,
        "controller": {"name": workspace.name, "address": workspace.postal_line},
        "person": {
            "number": contact.pk,
            "email": contact.email,
            "phone": contact.phone,
            "external_id": contact.external_id,
            "first_name": contact.first_name,
            "last_name": contact.last_name,
        },
        "channels": {channel: getattr(contact, consent_rules.status_column(channel)) for channel in Channel.values},
        "topics": [
            {"topic": choice.topic.name, "channel": choice.channel, "wanted": choice.wanted} for choice in choices
        ],
        "ledger": [_entry(row, workspace.zone) for row in rows],
    }


def _entry(row: Consent, zone: ZoneInfo) -> dict:
    return {
        "number": row.pk,
        "contact": row.contact_id,
        **_times(row, zone),
        "channel": row.channel,
        "topic": row.topic.name if row.topic else None,
        "state": row.state,
        "basis": row.basis,
        "source": row.source,
        "wording": row.wording,
        "wording_version": row.wording_version,
        "reason": row.reason,
        "page": row.page,
        "ip": row.person_address,
        "entered_from": row.member_address,
        "message_id": row.message_id,
        "import": row.import_id,
        "actor": row.actor.email if row.actor else None,
    }


def _times(row: Consent, zone: ZoneInfo) -> dict:
    """When the person said it, and when that was recorded."""
    return {
        "claimed_on": row.claimed_on and row.claimed_on.isoformat(),
        "at": row.said_at and _utc(row.said_at),
        "at_local": row.said_at and _local(row.said_at, zone),
        "recorded_at": row.recorded_at and _utc(row.recorded_at),
        "recorded_at_local": row.recorded_at and _local(row.recorded_at, zone),
    }


def canonical(data: dict) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(data: dict) -> str:
    return hashlib.sha256(canonical(data)).hexdigest()


def as_json(data: dict, issued_at: datetime) -> bytes:
    envelope = {"issued_at": _utc(issued_at), "sha256": digest(data), "receipt": data}
    return json.dumps(envelope, ensure_ascii=False, indent=2).encode()


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone).isoformat(timespec='seconds')} {zone.key}"


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
