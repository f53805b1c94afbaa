from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from contacts.fields import changes
from contacts.models import ContactField
from kernel.edit_conflicts import NoticesConflicts
from kernel.forms import hide_optional

Kind = ContactField.Kind
MAX_CHOICES = 500


class FieldForm(NoticesConflicts, forms.ModelForm):
    """One of the workspace's own fields. A change that would lose values is refused, with their number."""

    choices = forms.CharField(
        label=_("Options"),
        required=False,
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 6, "data-shown-for": Kind.CHOICE}),
        help_text=_("One per line."),
    )

    class Meta:
        model = ContactField
        fields = ["label", "name", "kind", "choices", "is_searched"]
        widgets = {"kind": forms.Select(attrs={"data-shows": ""})}

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any):
        self.workspace = workspace
        super().__init__(*args, **kwargs)
        hide_optional(self, "choices")
        self.change: changes.Change | None = None
        self.before = (self.instance.kind, list(self.instance.choices))
        if self.instance.pk:
            del self.fields["name"]  # messages and segments refer to the field by name
            self.initial["choices"] = "\n".join(str(choice) for choice in self.instance.choices)
        else:
            self.fields["name"].help_text = _(
                "The name used in messages, such as {{ city }}. Lowercase letters, digits and _."
            )

    def drops(self, name: str, data: QueryDict) -> bool:
        return name == "choices" and data.get("kind") != Kind.CHOICE

    def clean_name(self) -> str:
        name = self.cleaned_data["name"].lower().replace("-", "_")
        if name in ContactField.RESERVED:
            raise forms.ValidationError(_("This name is reserved. Choose another one."))
        if not name[0].isalpha():
            raise forms.ValidationError(_("Start with a letter."))
        taken = ContactField.objects.filter(name=name).first()
        if taken and taken.deleted_at:
            raise forms.ValidationError(
                _("A field with this merge tag is in the trash. Restore it, or choose another name.")
            )
        if taken:
            raise forms.ValidationError(_("Another field already has this merge tag. Choose another one."))
        return name

    def clean_choices(self) -> list[str]:
        lines = [" ".join(line.split()) for line in self.cleaned_data["choices"].splitlines()]
        return list(dict.fromkeys(line for line in lines if line))

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        kind, choices = data.get("kind"), data.get("choices", [])
        if kind == Kind.CHOICE and not choices and "choices" not in self.errors:
            self.add_error("choices", _("Enter at least one option."))
        elif len(choices) > MAX_CHOICES or any(len(choice) > 120 for choice in choices):
            self.add_error("choices", _("Enter up to 500 options of up to 120 characters each."))
        if kind != Kind.CHOICE:
            data["choices"] = choices = []
        if self.instance.pk and kind and not self.errors and (kind, choices) != self.before:
            self._check_values(kind, choices)
        return data

    def _check_values(self, kind: str, choices: list[str]) -> None:
        only_more = kind == self.before[0] and set(choices) >= set(self.before[1])
        if only_more:
            return
        self.change = changes.preview_change(self.instance, kind=kind, choices=choices, workspace=self.workspace)
        if self.change.too_many:
            sentence = gettext(
                "More than %(n)d contacts have a value here, so that it can't be changed. Make a new field instead."
            )
            self.add_error(None, sentence % {"n": changes.MAX_VALUES})
        elif self.change.misfits:
            n = len(self.change.misfits)
            sentence = ngettext(
                "%(n)d value doesn't fit and would be lost, such as “%(value)s”. Change it first.",
                "%(n)d values don't fit and would be lost, such as “%(value)s”. Change them first.",
                n,
            )
            self.add_error(None, sentence % {"n": n, "value": self.change.misfits[0][:60]})

    def save(self, commit: bool = True) -> ContactField:
        own = super().save(commit=commit)
        if self.change is not None:
            changes.rewrite(own, self.change.kept)
        return own
