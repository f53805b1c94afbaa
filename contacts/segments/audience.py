"""The audience of a message: everyone, or the contacts of some tags, lists and segments, without those of others."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from contacts.consent import consent_rules
from contacts.consent.consent_rules import Gate
from contacts.models import Contact, ContactList, Segment, Tag
from contacts.segments import compiling, counting, definition, nesting, tag_rewrites
from contacts.segments.conditions import Context
from contacts.segments.counting import Count
from contacts.segments.definition import BadDefinition
from contacts.segments.membership_conditions import LISTED, TAGGED
from kernel.statement_timeout import TookTooLong, statement_timeout

SEARCH_SECONDS = 3  # time limit for finding some contacts of an audience


@dataclass(frozen=True)
class Groups:
    """Contacts that are in any of these. `definitions` are the frozen definitions of segments."""

    tags: tuple[int, ...] = ()
    lists: tuple[int, ...] = ()
    segments: tuple[int, ...] = ()
    definitions: tuple[dict, ...] = ()

    @classmethod
    def read(cls, data: dict[str, Any] | list | None) -> Groups:
        """From JSON data, as `data` returns it."""
        if isinstance(data, list):  # from the time before lists and segments
            data = {"tags": data}
        data = data or {}
        tags, lists, segments = (tuple(int(n) for n in data.get(name) or ()) for name in ("tags", "lists", "segments"))
        return cls(tags, lists, segments, definitions=tuple(data.get("definitions") or ()))

    def data(self) -> dict:
        names = ("tags", "lists", "segments", "definitions")
        return {name: list(value) for name in names if (value := getattr(self, name))}

    def following_tag(self, tag_id: int, into_id: int, *, gone: bool) -> Groups:
        """The same groups after a tag merge: the second tag in addition to the first one, or instead of it once the
        first is `gone`."""
        tags = dict.fromkeys((*self.tags, into_id) if tag_id in self.tags else self.tags)
        if gone:
            tags.pop(tag_id, None)
        definitions = (tag_rewrites.with_tag_merged(data, tag_id, into_id, gone=gone) for data in self.definitions)
        return replace(self, tags=tuple(tags), definitions=tuple(definitions))

    def __bool__(self) -> bool:
        return bool(self.tags or self.lists or self.segments or self.definitions)

    def frozen(self) -> Groups:
        """With the definitions of the segments instead of their ids, so that later changes to a segment have no effect
        here. Raises BadDefinition if something was deleted."""
        for model, ids in ((Tag, self.tags), (ContactList, self.lists), (Segment, self.segments)):
            if ids and model.objects.present().filter(pk__in=ids).count() < len(set(ids)):
                # It must not silently match nobody: an exclusion would be lost.
                problem = _(
                    "A tag, list or segment of this audience has been deleted. Choose another one, or restore it."
                )
                raise BadDefinition([problem])
        segments = Segment.objects.in_bulk(self.segments) if self.segments else {}
        chosen = (nesting.expanded(segments[pk].definition, of=pk) for pk in self.segments)
        given = (nesting.expanded(data) for data in self.definitions)
        return replace(self, segments=(), definitions=(*given, *chosen))

    def sql(self, ctx: Context) -> str:
        """An SQL condition on `c` (contacts_contact). Raises BadDefinition."""
        definitions = self.frozen().definitions
        parts = [membership.any_of(ctx, ids) for membership, ids in ((TAGGED, self.tags), (LISTED, self.lists)) if ids]
        groups = (definition.read_usable(data) for data in definitions)
        parts += [f"({compiling.compile_group(group, ctx)})" for group in groups]
        return " OR ".join(parts)


@dataclass(frozen=True)
class Audience:
    """An empty `include` means everyone. Inactive contacts are left out unless `with_inactive`."""

    include: Groups = field(default=Groups())
    exclude: Groups = field(default=Groups())
    contact_ids: tuple[int, ...] = ()
    with_inactive: bool = False

    @classmethod
    def read(cls, data: dict) -> Audience:
        return cls(
            Groups.read(data.get("include")),
            Groups.read(data.get("exclude")),
            tuple(int(n) for n in data.get("contact_ids") or ()),
            bool(data.get("with_inactive")),
        )

    def data(self) -> dict:
        return {
            "include": self.include.data(),
            "exclude": self.exclude.data(),
            "contact_ids": [*self.contact_ids],
            "with_inactive": self.with_inactive,
        }

    def following_tag(self, tag_id: int, into_id: int, *, gone: bool) -> Audience:
        return replace(
            self,
            include=self.include.following_tag(tag_id, into_id, gone=gone),
            exclude=self.exclude.following_tag(tag_id, into_id, gone=gone),
        )

    def frozen(self) -> Audience:
        """The audience as it is now, for a batch. Raises BadDefinition."""
        return replace(self, include=self.include.frozen(), exclude=self.exclude.frozen())

    def sql(self) -> tuple[str, dict]:
        """An SQL condition on `c` (contacts_contact) with its parameters, for the active scope. The caller adds the
        condition on the workspace. Raises BadDefinition if a segment can't be used."""
        ctx = compiling.context()
        conditions = ["c.deleted_at IS NULL"]
        if self.contact_ids:
            conditions.append(f"c.id = ANY({ctx.param(list(self.contact_ids))})")
        elif not self.with_inactive:
            conditions.append("c.inactive_at IS NULL")
        if self.include:
            conditions.append(f"({self.include.sql(ctx)})")
        if self.exclude:
            # A missing value makes a condition NULL: such a contact is not excluded.
            conditions.append(f"({self.exclude.sql(ctx)}) IS NOT TRUE")
        return " AND ".join(conditions), ctx.params


def count(workspace_id: int, audience: Audience, gate: Gate | None = None) -> Count:
    """A fast count, which may be an estimate. Raises BadDefinition."""
    return counting.count(workspace_id, *audience.sql(), gate)


def count_at_best(workspace_id: int, audience: Audience, gate: Gate | None = None) -> Count:
    """The exact count, or an estimate if the exact count takes too long. Raises BadDefinition."""
    condition, params = audience.sql()
    exact = counting.count_exactly(workspace_id, condition, params, gate)
    return exact or counting.estimate(workspace_id, condition, params, gate)


def sample(workspace_id: int, audience: Audience, size: int, gate: Gate | None = None) -> list[Contact] | None:
    """At most `size` contacts of the audience that may be written to, the oldest first. None if finding them takes too
    long. Raises BadDefinition."""
    gate = gate or consent_rules.marketing()
    joined, allowed = consent_rules.suppression(gate.channel), f"({gate.forbidden}) IS NULL"
    return _some(workspace_id, audience, f"{joined} WHERE {allowed}", gate.params, "c.id", size)


def newest(workspace_id: int, audience: Audience, size: int) -> list[Contact] | None:
    """At most `size` of the audience's newest contacts, also those that may not be written to. None if finding them
    takes too long. Raises BadDefinition."""
    return _some(workspace_id, audience, "WHERE TRUE", {}, "c.id DESC", size)


def _some(
    workspace_id: int, audience: Audience, where: str, params: dict, order: str, size: int
) -> list[Contact] | None:
    """Runs on the engine connection, which may use every index. Still, a condition that few contacts fulfil and that
    has no index scans the whole workspace: hence the time limit."""
    condition, condition_params = audience.sql()
    statement = (
        f"SELECT c.id FROM contacts_contact c {where} AND c.workspace_id = %(workspace)s AND {condition} "  # noqa: S608
        f"ORDER BY {order} LIMIT %(size)s"
    )
    try:
        with statement_timeout(SEARCH_SECONDS, using="engine") as cursor:
            cursor.execute(statement, {**condition_params, **params, "workspace": workspace_id, "size": size})
            ids = [row[0] for row in cursor.fetchall()]
    except TookTooLong:
        return None
    found = Contact.objects.in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]
