"""Explains why a contact is in a segment or not: the answer of each rule for this contact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from contacts.segments import compiling, describing
from contacts.segments.definition import Group, Rule


@dataclass(frozen=True)
class Answer:
    """One line of the explanation: a rule (`words`) or a group (`match` and `parts`), and whether it is true."""

    words: str
    holds: bool
    match: str = ""
    parts: tuple[Answer, ...] = ()


def explain(group: Group, contact_id: int) -> Answer | None:
    """The answers for this contact, in the active scope; None if there is no such contact. Raises BadDefinition."""
    ctx = compiling.context()
    rules = group.rules()
    columns = ", ".join(f"({compiling.compile_rule(rule, ctx)}) IS TRUE" for rule in rules)
    where = f"c.workspace_id = {ctx.param(ctx.workspace_id)} AND c.id = {ctx.param(contact_id)}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM contacts_contact c WHERE {where}", ctx.params)  # noqa: S608
        row = cursor.fetchone()
    if row is None:
        return None
    return _answer(group, iter(row))


def _answer(part: Group | Rule, holds: Iterator[bool]) -> Answer:
    if isinstance(part, Rule):
        return Answer(describing.rule(part), next(holds))
    parts = tuple(_answer(inner, holds) for inner in part.parts)
    whole = any(inner.holds for inner in parts) if part.match != "all" else all(inner.holds for inner in parts)
    return Answer("", whole != (part.match == "none"), part.match, parts)
