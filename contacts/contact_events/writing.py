"""Writes events. An event that comes again under the same key changes nothing, whoever repeats it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from contacts.contact_events import limits
from contacts.models import Contact, ContactEvent
from contacts.models.contact_event import BUILT_IN
from contacts.models.name_key import NAME_KEY
from kernel.tenancy import require_workspace_id

KNOWN = "SELECT key, import_id FROM contacts_contactevent WHERE workspace_id = %(ws)s AND key = ANY(%(keys)s::uuid[])"
# The unique index has the time in it, as in every partitioned table. So what stands there under another time is asked
# for first, and writers of one workspace wait for each other meanwhile.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('events of a workspace', %(ws)s))"
INSERT = """
INSERT INTO contacts_contactevent (workspace_id, contact_id, name_id, at, value, currency, properties, source, key,
                                   import_id)
SELECT %(ws)s, u.contact_id, u.name_id, u.at, u.value, u.currency, u.properties, %(source)s, u.key, %(import)s
FROM unnest(%(contacts)s::bigint[], %(names)s::bigint[], %(times)s::timestamptz[], %(amounts)s::numeric[],
            %(currencies)s::text[], %(properties)s::jsonb[], %(keys)s::uuid[])
    AS u (contact_id, name_id, at, value, currency, properties, key)
ON CONFLICT (workspace_id, key, at) DO NOTHING
RETURNING key
"""
MAKE_NAMES = """
INSERT INTO contacts_eventname (workspace_id, name) SELECT %(ws)s, u.name FROM unnest(%(names)s::text[]) AS u (name)
ON CONFLICT (workspace_id, name_key) DO NOTHING
"""
FIND_NAMES = f"""
SELECT u.name, n.id, n.currencies, n.properties FROM unnest(%(names)s::text[]) AS u (name)
JOIN contacts_eventname n ON n.workspace_id = %(ws)s AND n.name_key = {NAME_KEY.format("u.name")}
"""  # noqa: S608  (an expression of our own)
# Added to what stands there when the row is locked: two transactions may bring news at once. Properties that are known
# stay, because segments ask for them; new ones fill the room that is left.
REMEMBER = """
UPDATE contacts_eventname SET
    currencies = (SELECT coalesce(jsonb_agg(DISTINCT c), '[]') FROM jsonb_array_elements(
        currencies || to_jsonb(%(currencies)s::text[])) c),
    properties = (SELECT coalesce(jsonb_agg(p ORDER BY place), '[]') FROM (
        SELECT p, min(n) AS place FROM jsonb_array_elements(properties || to_jsonb(%(properties)s::text[]))
            WITH ORDINALITY AS known (p, n) GROUP BY p ORDER BY place LIMIT %(most)s) few)
WHERE workspace_id = %(ws)s AND id = %(id)s
"""


@dataclass(frozen=True)
class NewEvent:
    """An event as `limits` has read it. `key` names it within its source."""

    contact_id: int
    name: str
    at: datetime
    key: UUID
    value: Decimal | None = None
    currency: str = ""
    properties: dict[str, Any] = field(default_factory=dict)


def key_of(source: str, *parts: Any) -> UUID:
    """The key of an event from what its source calls it: an order number, or all that it says where it has no name."""
    text = json.dumps([source, *map(str, parts)], ensure_ascii=False)
    return UUID(bytes=hashlib.sha256(text.encode("utf-8", "replace")).digest()[:16])


def record(contact: Contact, name: str, *, at: datetime, key: Any, properties: dict[str, Any] | None = None) -> bool:
    """Record an event that Fanfare itself knows of (`BUILT_IN`), in the active scope. `key`: what makes it one of its
    name, such as the id of a sign-up. False if it was recorded before."""
    event = NewEvent(
        contact.pk,
        name,
        at,
        key_of(ContactEvent.Source.PRODUCT, name, key),
        properties=limits.properties(properties or {}),
    )
    with connection.cursor() as cursor:
        return bool(write(cursor, require_workspace_id(), [event], source=ContactEvent.Source.PRODUCT))


def write(
    cursor: CursorWrapper, workspace_id: int, events: Iterable[NewEvent], *, source: str, import_id: int | None = None
) -> set[UUID]:
    """Write the events that aren't there yet, in the caller's transaction; returns their keys.

    Of several with one key the first counts. The caller has locked the contacts (FOR KEY SHARE at least), so that none
    is erased or merged meanwhile, and locks none afterwards. Raises BadEvent("event_names").
    """
    by_key: dict[UUID, NewEvent] = {}
    for event in events:
        by_key.setdefault(event.key, event)
    if source != ContactEvent.Source.PRODUCT:  # whose events never change their time
        lock(cursor, workspace_id)
    there = known(cursor, workspace_id, by_key)
    new = [event for key, event in by_key.items() if key not in there]
    return insert(cursor, workspace_id, new, source=source, import_id=import_id)


def insert(
    cursor: CursorWrapper, workspace_id: int, new: list[NewEvent], *, source: str, import_id: int | None = None
) -> set[UUID]:
    """Write the events, for a caller that holds the `lock`, and knows that none of their keys is there or comes twice;
    returns their keys. Raises BadEvent("event_names")."""
    if not new:
        return set()
    ids = _names(cursor, workspace_id, new)
    cursor.execute(
        INSERT,
        {
            "ws": workspace_id,
            "source": source,
            "import": import_id,
            "contacts": [event.contact_id for event in new],
            "names": [ids[event.name] for event in new],
            "times": [event.at for event in new],
            "amounts": [event.value for event in new],
            "currencies": [event.currency for event in new],
            "properties": [json.dumps(event.properties) for event in new],
            "keys": [event.key for event in new],
        },
    )
    return {key for (key,) in cursor.fetchall()}


def lock(cursor: CursorWrapper, workspace_id: int) -> None:
    """Until the end of the transaction, nobody else brings events from outside into the workspace."""
    cursor.execute(LOCK, {"ws": workspace_id})


def known(cursor: CursorWrapper, workspace_id: int, keys: Iterable[UUID]) -> dict[UUID, int | None]:
    """Those of the keys under which there is an event, with the import that brought it."""
    cursor.execute(KNOWN, {"ws": workspace_id, "keys": list(keys)})
    return dict(cursor.fetchall())


def too_many(cursor: CursorWrapper, workspace_id: int, names: set[str], planned: set[str]) -> tuple[set[str], set[str]]:
    """(names that can't be made because the workspace has too many, folded ones of those that can). `planned` are
    folded names that will be made before. Fanfare's own events are neither counted nor refused: a sign-up or an
    opt-out must never fail because of them."""
    cursor.execute(
        f"SELECT u.name, {NAME_KEY.format('u.name')} FROM unnest(%s::text[]) AS u (name) ORDER BY 2",  # noqa: S608
        [sorted(names)],
    )
    folded = dict(cursor.fetchall())
    cursor.execute("SELECT name_key FROM contacts_eventname WHERE workspace_id = %s", [workspace_id])
    there = {key for (key,) in cursor.fetchall()} | planned
    missing = sorted(set(folded.values()) - there - BUILT_IN.keys())
    room = max(0, limits.MAX_NAMES - len(there - BUILT_IN.keys()))
    refused = set(missing[room:])
    return {name for name, key in folded.items() if key in refused}, set(missing[:room])


def _names(cursor: CursorWrapper, workspace_id: int, events: list[NewEvent]) -> dict[str, int]:
    """The ids of the events' names, made where there was none. The names remember currencies and properties."""
    wanted = list(dict.fromkeys(event.name for event in events))
    found = _find(cursor, workspace_id, wanted)
    if missing := [name for name in wanted if name not in found]:
        if too_many(cursor, workspace_id, set(missing), set())[0]:
            raise limits.BadEvent("event_names")
        cursor.execute(MAKE_NAMES, {"ws": workspace_id, "names": missing})
        found = _find(cursor, workspace_id, wanted)
    _remember(cursor, workspace_id, events, found)
    return {name: known.pk for name, known in found.items()}


@dataclass(frozen=True)
class _Known:
    """A name with the currencies and properties that its events had so far."""

    pk: int
    currencies: tuple[str, ...]
    properties: tuple[str, ...]


def _find(cursor: CursorWrapper, workspace_id: int, names: list[str]) -> dict[str, _Known]:
    """Those of the names that events have had, however they are written there."""
    cursor.execute(FIND_NAMES, {"ws": workspace_id, "names": names})
    return {
        name: _Known(pk, tuple(json.loads(currencies)), tuple(json.loads(properties)))
        for name, pk, currencies, properties in cursor.fetchall()
    }


def _remember(cursor: CursorWrapper, workspace_id: int, events: list[NewEvent], found: dict[str, _Known]) -> None:
    """Write down new currencies and properties. Most events bring none, so this is seldom a statement."""
    seen: dict[_Known, tuple[set[str], set[str]]] = {}
    for event in events:
        currencies, properties = seen.setdefault(found[event.name], (set(), set()))
        currencies |= {event.currency} - {""}
        properties |= set(event.properties)
    for known, (currencies, properties) in sorted(seen.items(), key=lambda one: one[0].pk):
        is_full = len(known.properties) >= limits.MAX_KNOWN_PROPERTIES
        if currencies <= set(known.currencies) and (is_full or properties <= set(known.properties)):
            continue
        params: dict[str, Any] = {
            "ws": workspace_id,
            "id": known.pk,
            "currencies": sorted(currencies),
            "most": limits.MAX_KNOWN_PROPERTIES,
        }
        cursor.execute(REMEMBER, params | {"properties": sorted(properties)})
