from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.forms.campaign import one_line
from campaigns.models import Campaign
from kernel.edit_conflicts import NoticesConflicts
from templates_app import translating
from templates_app.models import MessageTemplate

PARTS = ("subject", "preheader")
MAX_LENGTH = 250  # characters, as of the campaign's own


class TranslationsForm(NoticesConflicts, forms.ModelForm):
    """Subject and preview text of a campaign in each language of its template."""

    class Meta:
        model = Campaign
        fields: list[str] = []

    def __init__(self, *args: Any, translations: list[MessageTemplate], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._codes = [one.language for one in translations]
        labels = {"subject": _("Subject"), "preheader": _("Preview text")}
        for code in self._codes:
            kept = self.instance.translations.get(code, {})
            for part in PARTS:
                self.fields[f"{part}-{code}"] = forms.CharField(
                    label=labels[part],
                    max_length=MAX_LENGTH,
                    required=False,
                    initial=kept.get(part, ""),
                    validators=[one_line],
                )

    def languages(self) -> list[tuple[str, list[forms.BoundField]]]:
        """(name of the language, its fields)."""
        return [(translating.name_of(code), [self[f"{part}-{code}"] for part in PARTS]) for code in self._codes]

    def save(self, commit: bool = True) -> Campaign:
        """What was written for a language that the template has lost meanwhile stays: it may come back."""
        for code in self._codes:
            written = {part: self.cleaned_data[f"{part}-{code}"] for part in PARTS}
            self.instance.translations = {**self.instance.translations, code: written}
        return super().save(commit)
