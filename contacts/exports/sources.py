"""Reads the rows of an export: one statement each, with a server-side cursor on the engine connection, so that memory
does not grow with the table. Every statement names the workspace."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connections

from contacts.exports.formats import Column

CHUNK = 2000
FIXED = [
    "fanfare_id",
    "email",
    "phone",
    "external_id",
    "first_name",
    "last_name",
    "language",
    "email_status",
    "sms_status",
    "whatsapp_status",
    "tracking_status",
    "tags",
    "lists",
    "companies",
    "created_at",
    "consent_source",
    "consent_at",
    "consent_recorded_at",
    "consent_wording",
]
CONTACTS = """
SELECT c.id, c.email, c.phone, c.external_id, c.first_name, c.last_name, c.language, c.status, c.sms_status,
       c.whatsapp_status, c.tracking_status,
       ARRAY(SELECT t.tag_id FROM contacts_contacttag t WHERE t.workspace_id = c.workspace_id AND t.contact_id = c.id),
       ARRAY(SELECT m.contact_list_id FROM contacts_listmember m
             WHERE m.workspace_id = c.workspace_id AND m.contact_id = c.id),
       ARRAY(SELECT k.name FROM contacts_companycontact p JOIN contacts_company k ON k.id = p.company_id
             WHERE p.workspace_id = c.workspace_id AND p.contact_id = c.id AND k.deleted_at IS NULL ORDER BY k.name),
       {created_at}, g.source, coalesce(g.claimed_on::text, {consent_at}), {recorded_at}, g.wording, c.attributes
FROM contacts_contact c LEFT JOIN LATERAL (
    SELECT g.source, g.at, g.claimed_on, g.recorded_at, g.wording FROM contacts_consent g
    WHERE g.workspace_id = c.workspace_id AND g.contact_id = c.id AND g.channel = 'email' AND g.topic_id IS NULL
      AND g.state = 'granted' ORDER BY g.id DESC LIMIT 1) g ON true
WHERE c.workspace_id = %(workspace)s AND {condition} ORDER BY c.id
"""
# As text: in Python, building a datetime costs more than reading the row.
UTC_TEXT = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
COUNT = "SELECT count(*) FROM contacts_contact c WHERE c.workspace_id = %(workspace)s AND {condition}"
TAGS, LISTS, ATTRIBUTES = FIXED.index("tags"), FIXED.index("lists"), len(FIXED)


@dataclass(frozen=True)
class Source:
    """A statement, its columns, a function that converts a row it returns (None: the row as it is), how many rows it
    returns (None: not known), and how many of them are in memory at once."""

    columns: list[Column]
    sql: str
    params: dict
    convert: Callable[[tuple], tuple] | None = None
    total: int | None = None
    at_once: int = CHUNK

    def chunks(self) -> Iterator[list[tuple]]:
        with connections["engine"].chunked_cursor() as cursor:
            cursor.execute(self.sql, self.params)
            while rows := cursor.fetchmany(self.at_once):
                yield [self.convert(row) for row in rows] if self.convert else rows


def count(workspace_id: int, condition: str, params: dict) -> int:
    """How many contacts the condition on `c` selects."""
    return number(COUNT.format(condition=condition), {**params, "workspace": workspace_id})


def contacts(workspace_id: int, condition: str, params: dict) -> Source:
    """The contacts that the condition on `c` selects, with everything that an import can read back."""
    tags, lists = _names_by_id(workspace_id, "contacts_tag"), _names_by_id(workspace_id, "contacts_contactlist")
    own = list(_names_by_id(workspace_id, "contacts_contactfield").values())

    def convert(row: tuple) -> tuple:
        attributes = json.loads(row[ATTRIBUTES])
        return (
            *row[:TAGS],
            sorted(tags[n] for n in row[TAGS] if n in tags),
            sorted(lists[n] for n in row[LISTS] if n in lists),
            *row[LISTS + 1 : ATTRIBUTES],
            *[attributes.get(name) for name in own],
        )

    columns = [Column(name) for name in FIXED] + [
        Column(f"field_{name}" if name in FIXED else name, own=True) for name in own
    ]
    sql = CONTACTS.format(
        condition=condition,
        created_at=UTC_TEXT.format("c.created_at"),
        consent_at=UTC_TEXT.format("g.at"),
        recorded_at=UTC_TEXT.format("g.recorded_at"),
    )
    total = count(workspace_id, condition, params)
    return Source(columns, sql, {**params, "workspace": workspace_id}, convert, total)


def table(workspace_id: int, columns: list[str], sql: str) -> Source:
    """A plain statement with %(workspace)s in it."""
    return Source([Column(name) for name in columns], sql, {"workspace": workspace_id})


def suppressions(workspace_id: int) -> Source:
    """The suppression list. For an erased person it has only the keyed hash, which only this installation can use."""
    return table(
        workspace_id,
        ["channel", "address", "hash", "reason", "note", "since"],
        "SELECT channel, recipient, encode(digest, 'hex'), reason, note, at FROM contacts_suppression "
        "WHERE workspace_id = %(workspace)s ORDER BY channel, id",
    )


def _names_by_id(workspace_id: int, table: str) -> dict[int, str]:
    """The names of the rows that are not in the trash, by id, the oldest first."""
    statement = f"SELECT id, name FROM {table} WHERE workspace_id = %(ws)s AND deleted_at IS NULL ORDER BY id"  # noqa: S608
    return dict(_rows(statement, {"ws": workspace_id}))


def number(sql: str, params: dict) -> int:
    """The only value that a statement returns."""
    return _rows(sql, params)[0][0]


def _rows(sql: str, params: dict) -> list[tuple]:
    with connections["engine"].cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
