"""Finds the segments that use a field, tag, list or topic: what they use can't be deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

from contacts.models import ContactField, ContactList, Segment, Tag, Topic
from kernel import trash


def register() -> None:
    trash.register_usage(Tag, "segments", lambda tag: _using(lambda rule: _chose(rule, "tag", tag.pk)))
    trash.register_usage(ContactList, "segments", lambda one: _using(lambda rule: _chose(rule, "list", one.pk)))
    trash.register_usage(Topic, "segments", lambda topic: _using(lambda rule: _chose(rule, "topic", topic.pk)))
    trash.register_usage(ContactField, "segments", _using_field)


def _using_field(own: trash.Trashable) -> list[str]:
    subject = f"field:{cast(ContactField, own).name}"
    return _using(lambda rule: rule.get("on") == subject)


def _using(uses: Callable[[dict], bool]) -> list[str]:
    return [str(segment) for segment in Segment.objects.present() if any(map(uses, _rules(segment.definition)))]


def _rules(part: dict) -> Iterator[dict]:
    if "rules" not in part:
        yield part
        return
    for inner in part["rules"]:
        yield from _rules(inner)


def _chose(rule: dict, subject: str, pk: int) -> bool:
    args = rule.get("with", {})
    return rule.get("on") == subject and str(pk) in (args.get("topic"), *args.get("ids", ()))
