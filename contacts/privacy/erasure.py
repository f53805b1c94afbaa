"""Erase people (GDPR art. 17): overwrite what identifies them, keep what is only counted.

The contact's row remains without a name, because messages, tallies and reports point to it. `erase` is for a person who
asks for it: it also keeps a keyed hash of each address on the suppression list, so that no import brings the person
back. `overwrite` is the part that a purge of the trash shares: those people never objected and may be added again.

Higher apps add to STATEMENTS what they must erase.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from contacts.consent import consent_rules, suppression_list
from contacts.exports import running
from contacts.imports import effects
from contacts.models import BulkAction, Contact, ContactChange, ContactImport, Export
from kernel.extensions import Extensions
from kernel.tenancy import require_workspace_id

STATEMENTS: Extensions[str] = Extensions(
    "erasure",
    "SQL statements with %(ws)s and %(ids)s (contacts) that empty what may identify these people. They run in the "
    "transaction that erases, in the order in which they were added, while the contacts are whole.",
)
# A phone number is recognised by this many of its last digits, with or without a country code.
SUBSCRIBER_DIGITS = 8
#: Tables of rows of files, and how one is emptied.
KEPT_ROWS = {"contacts_rejectedrow": "cells = '[]'", "contacts_importnote": "cells = '[]', cell = ''"}

#: SQL: the blocks of ids in which changes of many contacts are kept.
BLOCKS = f"ARRAY(SELECT DISTINCT i >> {ContactChange.BLOCK_BITS:d} FROM unnest(%(ids)s::bigint[]) i)"  # noqa: S608


def erase(contact: Contact) -> None:
    """Erase this person and the contacts that were merged into theirs, in the active scope."""
    workspace_id = require_workspace_id()
    people = list(Contact.objects.select_for_update().filter(pk__in=contact.ids_of_person).order_by("pk"))
    with connection.cursor() as cursor:
        for person in people:
            _forget_kept_rows(cursor, workspace_id, person)
            effects.forget(cursor, workspace_id, person.pk)
        overwrite(cursor, workspace_id, [person.pk for person in people])
    for person in people:
        for channel, column in consent_rules.ADDRESS.items():
            address = getattr(person, column)
            if address and not (column == "phone" and _is_anothers(address, people)):
                suppression_list.erase(channel, address)
    # Earlier export files may contain the person. Finding out which would mean reading them all, so all expire.
    running.expire(Export.objects.all())
    # The filters of exports and bulk actions may name the person, and so may the rows of a file that a forecast shows.
    Export.objects.exclude(scope={}).update(scope={})
    BulkAction.objects.exclude(finished_at=None).update(scope={})
    shown = ContactImport.objects.filter(state=ContactImport.State.UPLOADED, preview__has_key="forecast")
    for upload in shown.select_for_update():
        upload.preview = {name: value for name, value in (upload.preview or {}).items() if name != "forecast"}
        upload.save(update_fields=["preview"])


def _is_anothers(phone: str, people: list[Contact]) -> bool:
    """Whether a contact who is not erased here has this number, too. Then it may still be written to: they asked for
    nothing, and a file with their number must not be refused."""
    return Contact.objects.filter(phone=phone).exclude(pk__in=[person.pk for person in people]).exists()


def overwrite(cursor: CursorWrapper, workspace_id: int, contact_ids: list[int]) -> None:
    """Empty everything that identifies these people, in the caller's transaction; not the suppression list."""
    params: dict[str, Any] = {"ws": workspace_id, "ids": contact_ids}
    for statement in [*STATEMENTS, *OWN_STATEMENTS]:
        cursor.execute(statement, params)


# After those of higher apps, which look people up by their addresses.
OWN_STATEMENTS = [
    # Unconfirmed sign-ups may point to no contact yet, but they hold the address.
    "DELETE FROM contacts_signup WHERE workspace_id = %(ws)s AND confirmed_at IS NULL AND email IN "
    "(SELECT email FROM contacts_contact WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s))",
    *[
        f"DELETE FROM {table} WHERE workspace_id = %(ws)s AND contact_id = ANY(%(ids)s)"  # noqa: S608
        for table in (
            "contacts_signup",
            "contacts_contacttag",
            "contacts_listmember",
            "contacts_companycontact",
            "contacts_note",
            "contacts_topicchoice",
            "contacts_searchentry",
            "contacts_contactevent",
        )
    ],
    # The ledger stays as proof that somebody agreed to something. A wording that a member typed may name the person.
    "UPDATE contacts_consent SET address = NULL, page = '', reason = '', message_id = '', "
    "wording = CASE WHEN source IN ('member', 'merge', 'provider') THEN '' ELSE wording END "
    "WHERE workspace_id = %(ws)s AND contact_id = ANY(%(ids)s)",
    # What happened to them before. That they were erased is noted afterwards, by the statement below.
    f"DELETE FROM contacts_contactchange WHERE workspace_id = %(ws)s AND (contact_id = ANY(%(ids)s::bigint[]) "  # noqa: S608
    f"OR (block = ANY({BLOCKS}) AND contact_ids <@ %(ids)s::bigint[]))",
    "UPDATE contacts_contactchange SET contact_ids = ARRAY(SELECT i FROM unnest(contact_ids) i "  # noqa: S608
    f"WHERE i <> ALL(%(ids)s::bigint[])) WHERE workspace_id = %(ws)s AND block = ANY({BLOCKS}) "
    "AND contact_ids && %(ids)s::bigint[]",
    "UPDATE contacts_contact SET email = NULL, phone = NULL, external_id = NULL, first_name = '', last_name = '', "
    "language = '', attributes = '{}', address_kind = '', frequency = '', paused_until = NULL, "
    "status = CASE status WHEN 'subscribed' THEN 'unsubscribed' ELSE status END, "
    "sms_status = CASE sms_status WHEN 'subscribed' THEN 'unsubscribed' ELSE sms_status END, "
    "whatsapp_status = CASE whatsapp_status WHEN 'subscribed' THEN 'unsubscribed' ELSE whatsapp_status END, "
    "tracking_status = CASE tracking_status WHEN 'subscribed' THEN 'unsubscribed' ELSE tracking_status END, "
    "erased_at = now(), deleted_at = coalesce(deleted_at, now()), updated_at = now() "
    "WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)",
]


def _forget_kept_rows(cursor: CursorWrapper, workspace_id: int, person: Contact) -> None:
    """Empty the rows of files that are kept with their problems (rejected rows, notes) and contain an identifier of the
    person.

    The e-mail address or phone number counts as a part of a cell, in any notation of the number; the external id only
    as a whole cell.
    """
    for table, emptied in KEPT_ROWS.items():
        cursor.execute(
            f"UPDATE {table} SET {emptied} WHERE workspace_id = %(ws)s AND contact_import_id IN "  # noqa: S608
            "(SELECT id FROM contacts_contactimport WHERE workspace_id = %(ws)s) AND (EXISTS (SELECT FROM "
            "jsonb_array_elements_text(cells) AS cell WHERE position(%(email)s::text IN lower(cell)) > 0 "
            "OR position(%(number)s::text IN regexp_replace(cell, '[^0-9]', '', 'g')) > 0) "
            "OR cells @> to_jsonb(ARRAY[%(own)s::text]))",
            {
                "ws": workspace_id,
                "email": person.email,
                "number": person.phone and person.phone[-SUBSCRIBER_DIGITS:],
                "own": person.external_id,
            },
        )
