"""The audience's two halves in a form: segments, lists and tags to take in, and to leave out."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.audience import Audience, Groups
from contacts.models import ContactList, Segment, Tag

KINDS = {"segment": "segments", "list": "lists", "tag": "tags"}
TAGS_OFFERED = 300


class AudienceField(forms.MultipleChoiceField):
    """Chosen groups as keys such as "segment:3", "list:4", "tag:5"."""

    widget = forms.CheckboxSelectMultiple

    def offer(self, chosen: Groups) -> None:
        """Set choices and initial value; what is chosen already is always among the choices."""
        tags = list(Tag.objects.present().values_list("pk", "name")[:TAGS_OFFERED])
        offered = {pk for pk, _name in tags}
        tags += Tag.objects.present().filter(pk__in=set(chosen.tags) - offered).values_list("pk", "name")
        groups = [
            (_("Segments"), "segment", Segment.objects.present().values_list("pk", "name")),
            (_("Lists"), "list", ContactList.objects.present().values_list("pk", "name")),
            (_("Tags"), "tag", tags),
        ]
        self.choices = [(label, [(f"{kind}:{pk}", name) for pk, name in rows]) for label, kind, rows in groups if rows]
        self.initial = [f"{kind}:{pk}" for kind, name in KINDS.items() for pk in getattr(chosen, name)]


def read_groups(keys: list[str]) -> Groups:
    """Groups from keys; what is no key is left out."""
    ids: dict[str, list[int]] = {name: [] for name in KINDS.values()}
    for key in keys:
        kind, _colon, number = key.partition(":")
        if kind in KINDS and number.isascii() and number.isdigit() and len(number) < 19:
            ids[KINDS[kind]].append(int(number))
    return Groups(**{name: tuple(found) for name, found in ids.items()})


def read_audience(data) -> Audience:
    """What the form holds so far, from a QueryDict."""
    return Audience(
        read_groups(data.getlist("include")),
        read_groups(data.getlist("exclude")),
        with_inactive=bool(data.get("with_inactive")),
    )
