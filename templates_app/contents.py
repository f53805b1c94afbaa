"""Keeping contents: the same one is stored once, and what nothing points at any more is deleted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, connections, models, transaction
from django.db.models import F, Func

from kernel.tenancy import require_workspace_id
from templates_app.message_links import Link
from templates_app.models import Content, ContentLink, ContentPicture
from templates_app.models.picture import pictures_in

DAYS = 7  # a content that nothing points at is kept so long
CHUNK = 200

# The lock keeps pruning from deleting the row before the caller's transaction, which points to it, has ended.
FIND = """
SELECT id FROM templates_app_content WHERE workspace_id = %s AND hash = %s FOR KEY SHARE
"""
WRITE = """
INSERT INTO templates_app_content (workspace_id, hash, channel, kind, language, body, created_at)
VALUES (%s, %s, %s, %s, %s, %s, now())
ON CONFLICT (workspace_id, hash) DO NOTHING RETURNING id
"""
OLD = """
SELECT id FROM templates_app_content WHERE created_at < now() - make_interval(days => %(days)s) AND {unused}
ORDER BY id LIMIT %(chunk)s FOR UPDATE SKIP LOCKED
"""
# What belongs to a content and goes with it: it doesn't keep it.
PARTS = (ContentLink, ContentPicture)
DELETE_PARTS = """
DELETE FROM {table} l USING templates_app_content
WHERE l.content_id = ANY(%(ids)s) AND templates_app_content.id = l.content_id
  AND l.workspace_id = templates_app_content.workspace_id AND {unused}
"""
DELETE = "DELETE FROM templates_app_content WHERE id = ANY(%(ids)s) AND {unused}"
UNUSED = (
    "NOT EXISTS (SELECT FROM {table} p WHERE p.workspace_id = templates_app_content.workspace_id "
    "AND p.{column} = templates_app_content.id)"
)


def keep(
    *,
    channel: str,
    kind: str,
    body: dict[str, Any],
    language: str = "",
    links: Callable[[], Sequence[Link]] = tuple,
) -> Content:
    """The row of this content in the active workspace, written with its links and pictures if it is new. One statement
    where it is known. `links` are asked for only then."""
    content = Content(
        workspace_id=require_workspace_id(),
        hash=name_of(channel, kind, language, body),
        channel=channel,
        kind=kind,
        language=language,
        body=body,
    )
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        while content.pk is None:
            cursor.execute(FIND, [content.workspace_id, content.hash])
            found = cursor.fetchone()
            if found is None:
                values = [channel, kind, language, json.dumps(body)]
                cursor.execute(WRITE, [content.workspace_id, content.hash, *values])
                found = cursor.fetchone()  # nothing where somebody else writes the same at this moment: look again
                if found is not None:
                    _write_links(content, found[0], links())
                    _write_pictures(content, found[0])
            content.pk = found[0] if found else None
    content._state.adding = False
    return content


def _write_links(content: Content, content_id: int, links: Sequence[Link]) -> None:
    ContentLink.objects.bulk_create(
        [
            ContentLink(
                workspace_id=content.workspace_id,
                content_id=content_id,
                position=position,
                target=link.target,
                prefix=link.prefix,
                label=link.label,
            )
            for position, link in enumerate(links)
        ]
    )


def _write_pictures(content: Content, content_id: int) -> None:
    ContentPicture.objects.bulk_create(
        [
            ContentPicture(workspace_id=content.workspace_id, content_id=content_id, picture_id=picture)
            for picture in sorted(pictures_in([json.dumps(content.body)]))
        ]
    )


def languages_of(content_id: int) -> list[str]:
    """The codes of the languages into which a content is translated. What it says, perhaps megabytes, stays in the
    database."""
    codes = Func(F("body__translations"), function="jsonb_object_keys", output_field=models.TextField())
    return sorted(Content.objects.filter(pk=content_id).annotate(code=codes).values_list("code", flat=True))


def name_of(channel: str, kind: str, language: str, body: dict[str, Any]) -> str:
    """The hash of what a content holds: SHA-256 of its JSON with sorted keys, in hexadecimal digits."""
    held = json.dumps([channel, kind, language, body], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(held.encode("utf-8", "surrogatepass")).hexdigest()


def prune() -> bool:
    """Delete one chunk of the contents that nothing points at. Returns True when all is done."""
    unused = unused_condition()
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        cursor.execute(OLD.format(unused=unused), {"days": DAYS, "chunk": CHUNK})
        ids = [row[0] for row in cursor.fetchall()]
        # Asked again, now that they are locked: something may have pointed at one in between.
        for part in PARTS:
            cursor.execute(DELETE_PARTS.format(table=part._meta.db_table, unused=unused), {"ids": ids})
        cursor.execute(DELETE.format(unused=unused), {"ids": ids})
    return len(ids) < CHUNK


def unused_condition() -> str:
    """SQL that holds for a content that no row of any app points at. Read from the models, so none is forgotten."""
    pointing = [
        relation.field
        for relation in Content._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ForeignObjectRel) and relation.related_model not in PARTS
    ]
    return " AND ".join(UNUSED.format(table=field.model._meta.db_table, column=field.column) for field in pointing)
