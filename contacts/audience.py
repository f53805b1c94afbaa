"""Whom a message is for: everyone or the bearers of some tags, minus the bearers of others."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import connection

from contacts.models import Contact


@dataclass(frozen=True)
class Audience:
    """`include` empty means everyone. Tag ids."""

    include: tuple[int, ...] = ()
    exclude: tuple[int, ...] = ()
    contact_ids: tuple[int, ...] = field(default=())

    @classmethod
    def read(cls, data: dict) -> Audience:
        return cls(*(tuple(int(n) for n in data.get(name) or ()) for name in ("include", "exclude", "contact_ids")))

    def data(self) -> dict:
        return {"include": [*self.include], "exclude": [*self.exclude], "contact_ids": [*self.contact_ids]}

    def sql(self) -> tuple[str, dict]:
        """A condition on `c` (contacts_contact) with its parameters; the caller names the workspace beside it."""
        conditions = ["c.deleted_at IS NULL"]
        has_tag = (
            "EXISTS (SELECT FROM contacts_contacttag t WHERE t.workspace_id = c.workspace_id AND t.contact_id = c.id "
            "AND t.tag_id = ANY(%({})s))"
        )
        if self.contact_ids:
            conditions.append("c.id = ANY(%(contact_ids)s)")
        if self.include:
            conditions.append(has_tag.format("include"))
        if self.exclude:
            conditions.append("NOT " + has_tag.format("exclude"))
        return " AND ".join(conditions), {name: list(ids) for name, ids in self.data().items()}


def count(workspace_id: int, audience: Audience) -> tuple[int, int]:
    """(contacts in the audience, those of them who may be written to)."""
    condition, params = audience.sql()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), count(*) FILTER (WHERE c.status = 'subscribed') FROM contacts_contact c "  # noqa: S608
            f"WHERE c.workspace_id = %(workspace)s AND {condition}",
            {**params, "workspace": workspace_id},
        )
        return cursor.fetchone()


def sample(workspace_id: int, audience: Audience, size: int) -> list[Contact]:
    """Some contacts of the audience who may be written to, the oldest first."""
    condition, params = audience.sql()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.id FROM contacts_contact c WHERE c.workspace_id = %(workspace)s AND c.status = 'subscribed' "  # noqa: S608
            f"AND {condition} ORDER BY c.id LIMIT %(size)s",
            {**params, "workspace": workspace_id, "size": size},
        )
        ids = [row[0] for row in cursor.fetchall()]
    return list(Contact.objects.filter(pk__in=ids).order_by("id"))
