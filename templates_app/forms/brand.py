from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kernel.edit_conflicts import NoticesConflicts
from templates_app.blocks import fields
from templates_app.blocks.types.social import NETWORKS
from templates_app.brand import colours
from templates_app.models import Brand, Picture

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

COLOURS = ("main", "second", "tint", "page", "text", "quiet")
LABELS: dict[str, StrOrPromise] = {
    "logo": _("Logo"),
    "dark_logo": _("Logo for dark"),
    "name": _("Name"),
    "heading_font": _("Headings"),
    "radius": _("Corners"),
    "button_style": _("Buttons"),
}
SOCIAL = "social_"
SHOWN_NETWORKS = 4  # the others are folded away while they are empty


class ColourField(forms.CharField):
    def __init__(self, **kwargs: Any):
        super().__init__(**{**kwargs, "max_length": 9})
        self.widget.attrs.update({"class": "mono", "autocomplete": "off", "spellcheck": "false", "maxlength": 9})

    def clean(self, value: Any) -> str:
        colour = colours.read(super().clean(value))
        if not colour:
            raise forms.ValidationError(gettext("Write a colour like #a8492a: six digits from 0 to f."))
        return colour


class BrandForm(NoticesConflicts, forms.ModelForm):
    """`is_draft`: only to see what it would look like."""

    reason = fields.PlainText(
        label=_("Why people get your messages"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    class Meta:
        model = Brand
        fields = [
            "name",
            "logo",
            "dark_logo",
            *COLOURS,
            "heading_font",
            "body_font",
            "radius",
            "button_style",
            "reason",
        ]
        field_classes = dict.fromkeys(COLOURS, ColourField)
        labels = LABELS
        help_texts = {"name": _("Empty: the name of your workspace.")}
        widgets = {
            "logo": forms.HiddenInput,
            "dark_logo": forms.HiddenInput,
            "radius": forms.RadioSelect,
            "button_style": forms.RadioSelect,
        }

    def __init__(self, *args: Any, is_draft: bool = False, **kwargs: Any):
        self._is_draft = is_draft
        super().__init__(*args, **kwargs)
        for name in ("logo", "dark_logo"):
            self.fields[name].queryset = Picture.objects.present()  # type: ignore[attr-defined]
        self.fields["radius"].choices = Brand.Corners.choices  # type: ignore[attr-defined]  # without an empty one
        self.fields["button_style"].choices = Brand.ButtonStyle.choices  # type: ignore[attr-defined]
        links = self.instance.social_links
        for key, label in NETWORKS:
            name = f"{SOCIAL}{key.lower()}"
            self.fields[name] = fields.Link(label=label, max_length=300)
            self.initial[name] = links.get(key, "")
        for field in self.fields.values():
            field.needed_later = True  # type: ignore[attr-defined]  # none is marked as optional

    def is_saving(self) -> bool:
        return not self._is_draft

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if {"{", "}"} & set(name):
            raise forms.ValidationError(gettext("A name has no braces: messages would take them for merge tags."))
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        given = {key: self.cleaned_data.get(f"{SOCIAL}{key.lower()}", "") for key, _label in NETWORKS}
        self.instance.social_links = {key: address for key, address in given.items() if address}
        return cleaned

    @property
    def colours(self) -> list[forms.BoundField]:
        return [self[name] for name in COLOURS]

    @property
    def networks(self) -> list[forms.BoundField]:
        """The fields of the networks that are on the page from the start."""
        return [field for field in self._social if field.value() or field.name in self._first]

    @property
    def other_networks(self) -> list[forms.BoundField]:
        return [field for field in self._social if not field.value() and field.name not in self._first]

    @property
    def _social(self) -> list[forms.BoundField]:
        return [self[f"{SOCIAL}{key.lower()}"] for key, _label in NETWORKS]

    @property
    def _first(self) -> set[str]:
        return {f"{SOCIAL}{key.lower()}" for key, _label in NETWORKS[:SHOWN_NETWORKS]}
