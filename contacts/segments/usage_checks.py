"""Finds the segments that use a field, tag, list, topic, form or segment: what they use can't be deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from contacts.models import ContactField, ContactList, Segment, SignupForm, Tag, Topic
from contacts.segments import definition
from kernel import trash


def register() -> None:
    trash.register_usage(Tag, "segments", lambda tag: _using(lambda rule: _chose(rule, "tag", tag.pk)))
    trash.register_usage(ContactList, "segments", lambda one: _using(lambda rule: _chose(rule, "list", one.pk)))
    trash.register_usage(Topic, "segments", lambda topic: _using(lambda rule: _chose(rule, "topic", topic.pk)))
    trash.register_usage(ContactField, "segments", _using_field)
    trash.register_usage(Segment, "segments", lambda one: _using(lambda rule: _chose(rule, "segment", one.pk)))
    trash.register_usage(SignupForm, "segments", lambda form: _using(lambda rule: _chose(rule, "signup", form.pk)))


def _using_field(own: trash.Trashable) -> list[str]:
    subject = f"field:{cast(ContactField, own).name}"
    return _using(lambda rule: rule.get("on") == subject)


def _using(uses: Callable[[dict], bool]) -> list[str]:
    return [
        str(segment)
        for segment in Segment.objects.present()
        if any(map(uses, definition.stored_rules(segment.definition)))
    ]


def _chose(rule: dict, subject: str, pk: int) -> bool:
    args = rule.get("with", {})
    return rule.get("on") == subject and str(pk) in (args.get("topic"), *args.get("ids", ()))
