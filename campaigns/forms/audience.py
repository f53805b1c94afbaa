"""The audience in a form: segments, lists and tags to include, and those to exclude."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from contacts.forms.groups.picker import Picker
from contacts.groups import pickers
from contacts.groups.pickers import Choice, Kind
from contacts.models import Topic
from contacts.segments.audience import Audience, Groups
from kernel import parameters

# kind of group -> the field of Groups that has the chosen ids
KINDS = {pickers.SEGMENT: "segments", pickers.LIST: "lists", pickers.TAG: "tags"}


class GroupsField(forms.MultipleChoiceField):
    """Chosen groups as keys such as "segment:3", "list:4", "tag:5".

    Deleted groups are an error until they are removed: without one, the audience would silently change.
    """

    widget = forms.MultipleHiddenInput
    default_error_messages = {
        "gone": _("A selected item was deleted. Remove it from the selection."),
        "unknown": _("This selection can't be read. Choose the segments, lists and tags again."),
    }

    def validate(self, value: list[str]) -> None:
        if any(choice.is_gone for choice in choices(read_groups(value))):
            raise forms.ValidationError(self.error_messages["gone"], code="gone")

    def in_words(self, value: list[str]) -> str:
        """The names of the groups, for a conflict (kernel.edit_conflicts)."""
        return ", ".join(str(choice) for choice in choices(read_groups(value)))

    def clean(self, value: Any) -> list[str]:
        """The keys, each once. What is none is an error: without it, the message would go to more people."""
        given = super().clean(value)
        found = keys(read_groups(given))
        if len(found) < len(set(given)):
            raise forms.ValidationError(self.error_messages["unknown"], code="unknown")
        return found


def keys(groups: Groups) -> list[str]:
    return [f"{kind.key}:{key}" for kind, key in _kinds_and_keys(groups)]


def choices(groups: Groups) -> list[Choice]:
    """The chosen groups with their names, one query per kind."""
    named = {kind: kind.named([str(pk) for pk in getattr(groups, attribute)]) for kind, attribute in KINDS.items()}
    return [
        Choice(kind, key, named[kind].get(key, key), is_gone=key not in named[kind])
        for kind, key in _kinds_and_keys(groups)
    ]


def _kinds_and_keys(groups: Groups) -> Iterator[tuple[Kind, str]]:
    for kind, attribute in KINDS.items():
        for pk in dict.fromkeys(getattr(groups, attribute)):
            yield kind, str(pk)


def picker(name: str, label: str, groups: Groups) -> Picker:
    return Picker(name, label, tuple(KINDS), choices(groups))


def read_groups(keys: list[str]) -> Groups:
    """The groups that these keys name; anything that is not a key is left out."""
    ids: dict[str, list[int]] = {attribute: [] for attribute in KINDS.values()}
    for key in keys:
        name, _colon, number = key.partition(":")
        kind, pk = pickers.KINDS.get(name), parameters.as_number(number)
        if kind in KINDS and pk is not None:
            ids[KINDS[kind]].append(pk)
    return Groups(**{attribute: tuple(found) for attribute, found in ids.items()})  # type: ignore[arg-type]  # of ids


def read_audience(data: QueryDict) -> Audience:
    """The audience that is chosen so far, from the form's data."""
    return Audience(
        read_groups(data.getlist("include")),
        read_groups(data.getlist("exclude")),
        with_inactive=bool(data.get("with_inactive")),
    )


def read_topic(data: QueryDict) -> Topic | None:
    """The topic that is chosen so far, from the form's data."""
    pk = parameters.number(data, "topic")
    return Topic.objects.present().filter(pk=pk).first() if pk is not None else None
