"""The audience's two halves in a form: segments, lists and tags to take in, and to leave out."""

from __future__ import annotations

from collections.abc import Iterator

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.forms.groups.picker import Picker
from contacts.groups import pickers
from contacts.groups.pickers import Choice, Kind
from contacts.models import Topic
from contacts.segments.audience import Audience, Groups

# A kind of group, and where an audience names those that are chosen.
KINDS = {pickers.SEGMENT: "segments", pickers.LIST: "lists", pickers.TAG: "tags"}


class GroupsField(forms.MultipleChoiceField):
    """Chosen groups as keys such as "segment:3", "list:4", "tag:5". What is gone must be taken out before saving:
    whoever was meant by it would be forgotten in silence."""

    widget = forms.MultipleHiddenInput
    default_error_messages = {"gone": _("A selected item was deleted. Remove it from the selection.")}

    def validate(self, value):
        if any(choice.is_gone for choice in choices(read_groups(value))):
            raise forms.ValidationError(self.error_messages["gone"], code="gone")

    def clean(self, value):
        """Without what is no key at all."""
        return keys(read_groups(super().clean(value)))


def keys(groups: Groups) -> list[str]:
    return [f"{kind.key}:{key}" for kind, key in _each(groups)]


def choices(groups: Groups) -> list[Choice]:
    """The chosen groups with their names, one query per kind."""
    named = {kind: kind.named([str(pk) for pk in getattr(groups, attribute)]) for kind, attribute in KINDS.items()}
    return [Choice(kind, key, named[kind].get(key, key), is_gone=key not in named[kind]) for kind, key in _each(groups)]


def _each(groups: Groups) -> Iterator[tuple[Kind, str]]:
    for kind, attribute in KINDS.items():
        for pk in dict.fromkeys(getattr(groups, attribute)):
            yield kind, str(pk)


def picker(name: str, label: str, groups: Groups) -> Picker:
    return Picker(name, label, tuple(KINDS), choices(groups))


def read_groups(keys: list[str]) -> Groups:
    """Groups from keys; what is no key is left out."""
    ids: dict[str, list[int]] = {attribute: [] for attribute in KINDS.values()}
    for key in keys:
        name, _colon, number = key.partition(":")
        kind = pickers.kinds.get(name)
        if kind in KINDS and number.isascii() and number.isdigit() and len(number) < 19:
            ids[KINDS[kind]].append(int(number))
    return Groups(**{attribute: tuple(found) for attribute, found in ids.items()})


def read_audience(data) -> Audience:
    """What the form holds so far, from a QueryDict."""
    return Audience(
        read_groups(data.getlist("include")),
        read_groups(data.getlist("exclude")),
        with_inactive=bool(data.get("with_inactive")),
    )


def read_topic(data) -> Topic | None:
    """The topic chosen so far."""
    key = data.get("topic", "")
    is_key = key.isascii() and key.isdigit() and len(key) < 19
    return Topic.objects.present().filter(pk=key).first() if is_key else None
