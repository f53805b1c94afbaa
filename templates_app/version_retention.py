"""Which versions are kept: docs/decisions/0036."""

from __future__ import annotations

from django.conf import settings
from django.db import connections, models, transaction

from templates_app.models import TemplateVersion

NEWEST = 20  # versions of each template that stay, however old they are
CHUNK = 200

OLD = """
DELETE FROM templates_app_templateversion WHERE id IN (
    SELECT id FROM templates_app_templateversion
    WHERE created_at < now() - make_interval(days => %(days)s) AND name = '' AND {unused}
      AND number <= (SELECT max(newer.number) - %(newest)s FROM templates_app_templateversion newer
          WHERE newer.workspace_id = templates_app_templateversion.workspace_id
            AND newer.template_id = templates_app_templateversion.template_id)
    ORDER BY id LIMIT %(chunk)s FOR UPDATE SKIP LOCKED
)
"""
UNUSED = (
    "NOT EXISTS (SELECT FROM {table} p WHERE p.workspace_id = templates_app_templateversion.workspace_id "
    "AND p.{column} = templates_app_templateversion.id)"
)


def prune() -> bool:
    """Delete one chunk of the versions that are too old: unnamed, not among the newest of their template, and sent by
    nobody. Returns True when all is done."""
    if not settings.TEMPLATE_VERSION_DAYS:
        return True
    values = {"days": settings.TEMPLATE_VERSION_DAYS, "newest": NEWEST, "chunk": CHUNK}
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        cursor.execute(OLD.format(unused=_unused_condition()), values)
        return cursor.rowcount < CHUNK


def _unused_condition() -> str:
    """SQL that holds for a version that no row of any app points at. Read from the models, so none is forgotten."""
    pointing = [
        relation.field
        for relation in TemplateVersion._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ForeignObjectRel)
    ]
    return " AND ".join(UNUSED.format(table=field.model._meta.db_table, column=field.column) for field in pointing)
