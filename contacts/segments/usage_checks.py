"""Which segments use a field, tag, list or topic: such a thing is not deleted under them."""

from __future__ import annotations

from contacts.models import ContactField, ContactList, Segment, Tag, Topic
from kernel import trash


def register() -> None:
    trash.register_usage(Tag, "segments", lambda tag: _using(lambda rule: _chose(rule, "tag", tag.pk)))
    trash.register_usage(ContactList, "segments", lambda one: _using(lambda rule: _chose(rule, "list", one.pk)))
    trash.register_usage(Topic, "segments", lambda topic: _using(lambda rule: _chose(rule, "topic", topic.pk)))
    trash.register_usage(
        ContactField, "segments", lambda own: _using(lambda rule: rule.get("on") == f"field:{own.name}")
    )


def _using_field(field: ContactField) -> list[str]:
    return _using(lambda rule: rule.get("on") == f"field:{field.name}")


def _using(names) -> list[str]:
    return [str(segment) for segment in Segment.objects.present() if any(map(names, _rules(segment.definition)))]


def _rules(part: dict):
    if "rules" not in part:
        yield part
        return
    for inner in part["rules"]:
        yield from _rules(inner)


def _chose(rule: dict, subject: str, pk: int) -> bool:
    told = rule.get("with", {})
    return rule.get("on") == subject and str(pk) in (told.get("topic"), *told.get("ids", ()))
