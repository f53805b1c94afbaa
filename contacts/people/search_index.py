"""Keeps the words of the contacts (`SearchEntry`) up to date, behind the writers' backs.

Triggers note which contacts have changed; an import pays for a note of each chunk and no more. A search first indexes
what few people changed since the last one, so that somebody who was just added is found; the rest is a job's, which
runs every few seconds. It all happens on the engine connection, where every statement names the workspace.
"""

from __future__ import annotations

import json
import time
from collections import deque

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from contacts.people import search_terms

CHUNK = 1000
FEW = 100  # contacts that a search indexes before it answers
#: With a workspace's id, a lock: two that index the same contact could store the older words last.
LOCK = 7341

TAKE = """
SELECT id, contact_ids, after FROM contacts_searchchange WHERE workspace_id = %(ws)s
AND (%(few)s IS NULL OR cardinality(contact_ids) <= %(few)s) ORDER BY after IS NOT NULL, id LIMIT %(limit)s
"""
PEOPLE = """
SELECT c.id, c.email, c.phone, c.external_id, c.first_name, c.last_name, c.attributes, (
    SELECT array_agg(y.name) FROM contacts_companycontact l JOIN contacts_company y
        ON y.workspace_id = l.workspace_id AND y.id = l.company_id AND y.deleted_at IS NULL
    WHERE l.workspace_id = c.workspace_id AND l.contact_id = c.id)
FROM contacts_contact c WHERE c.workspace_id = %(ws)s AND c.id = ANY(%(ids)s)
AND c.erased_at IS NULL AND c.merged_into_id IS NULL
"""
WRITE = """
INSERT INTO contacts_searchentry (workspace_id, contact_id, words)
SELECT %(ws)s, u.id, array_to_tsvector(string_to_array(u.terms, ' '))
FROM unnest(%(ids)s::bigint[], %(terms)s::text[]) u(id, terms)
ON CONFLICT (contact_id) DO UPDATE SET words = excluded.words WHERE contacts_searchentry.words <> excluded.words
"""
DONE = "DELETE FROM contacts_searchchange WHERE workspace_id = %(ws)s AND id = ANY(%(changes)s)"
FORGET = "DELETE FROM contacts_searchentry WHERE workspace_id = %(ws)s AND contact_id = ANY(%(ids)s)"
NEXT = "SELECT id FROM contacts_contact WHERE workspace_id = %s AND id > %s ORDER BY workspace_id, id LIMIT %s"


def catch_up(workspace_id: int, *, budget: float = 10.0) -> bool:
    """Index what has changed in the workspace, for `budget` seconds. False if there is more to do, or if somebody else
    is at it."""
    deadline = time.monotonic() + budget
    while _step(workspace_id, few=None):
        if time.monotonic() > deadline:
            return False
    return not is_behind(workspace_id)


def catch_up_with_few(workspace_id: int) -> bool:
    """Index what was changed for a few people. Returns whether others wait, so that a search may miss some."""
    if not is_behind(workspace_id):
        return False
    _step(workspace_id, few=FEW)
    return is_behind(workspace_id)


def is_behind(workspace_id: int) -> bool:
    with connections["engine"].cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM contacts_searchchange WHERE workspace_id = %s)", [workspace_id])
        return bool(cursor.fetchone()[0])


def catch_up_everywhere(*, budget: float = 4.0, each: float = 1.0) -> None:
    """Index what has changed in all workspaces, each in turn for `each` seconds, for `budget` seconds."""
    deadline = time.monotonic() + budget
    behind = deque(_workspaces_behind())
    while behind and time.monotonic() < deadline:
        workspace_id = behind.popleft()
        if not catch_up(workspace_id, budget=each) and behind:
            behind.append(workspace_id)


def _workspaces_behind() -> list[int]:
    with connections["engine"].cursor() as cursor:
        cursor.execute("SELECT DISTINCT workspace_id FROM contacts_searchchange ORDER BY workspace_id")
        return [row[0] for row in cursor.fetchall()]


def index_anew(workspace_id: int) -> None:
    """Have all contacts indexed again, for what the triggers can't see: a field that is searched from now on."""
    with connections["engine"].cursor() as cursor:
        cursor.execute("INSERT INTO contacts_searchchange (workspace_id, after) VALUES (%s, 0)", [workspace_id])


def _step(workspace_id: int, *, few: int | None) -> bool:
    """Index one portion. Returns whether something was done."""
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK, workspace_id % 2**31])
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(TAKE, {"ws": workspace_id, "few": few, "limit": FEW})
        changes = cursor.fetchall()
        done: list[int] = []
        ids: set[int] = set()
        for pk, contact_ids, after in changes:
            if after is not None:
                if not done:
                    return _continue(cursor, workspace_id, pk, after)
                break
            if ids and len(ids) + len(contact_ids) > (few or CHUNK):
                break
            done.append(pk)
            ids.update(contact_ids)
        cursor.execute(DONE, {"ws": workspace_id, "changes": done})
        index(cursor, workspace_id, sorted(ids))
        return bool(done)


def _continue(cursor: CursorWrapper, workspace_id: int, change_id: int, after: int) -> bool:
    """Index the next of all contacts of the workspace."""
    cursor.execute(NEXT, [workspace_id, after, CHUNK])
    ids = [row[0] for row in cursor.fetchall()]
    if ids:
        cursor.execute(
            "UPDATE contacts_searchchange SET after = %s WHERE workspace_id = %s AND id = %s",
            [ids[-1], workspace_id, change_id],
        )
        index(cursor, workspace_id, ids)
    else:
        cursor.execute(DONE, {"ws": workspace_id, "changes": [change_id]})
    return True


def index(cursor: CursorWrapper, workspace_id: int, ids: list[int]) -> None:
    """Write the words of these contacts; those of erased and merged ones are deleted."""
    if not ids:
        return
    fields = _searched_fields(cursor, workspace_id)
    cursor.execute(PEOPLE, {"ws": workspace_id, "ids": ids})
    terms = {row[0]: _terms(workspace_id, row, fields) for row in cursor.fetchall()}
    if gone := [pk for pk in ids if pk not in terms]:
        cursor.execute(FORGET, {"ws": workspace_id, "ids": gone})
    cursor.execute(WRITE, {"ws": workspace_id, "ids": [*terms], "terms": [*terms.values()]})


def _searched_fields(cursor: CursorWrapper, workspace_id: int) -> list[str]:
    cursor.execute(
        "SELECT name FROM contacts_contactfield WHERE workspace_id = %s AND deleted_at IS NULL AND is_searched "
        "AND kind IN ('text', 'choice')",
        [workspace_id],
    )
    return [row[0] for row in cursor.fetchall()]


def _terms(workspace_id: int, row: tuple, fields: list[str]) -> str:
    _pk, email, phone, external_id, first_name, last_name, attributes, companies = row
    values = json.loads(attributes)  # Django leaves JSON to the caller
    own = [str(values[name])[:120] for name in fields if name in values]
    names = [first_name, last_name, *(companies or [])[:10]]
    return " ".join(search_terms.of_contact(workspace_id, email, phone, names, [external_id or "", *own]))
