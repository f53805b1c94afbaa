from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.archive.for_nobody import tidied
from campaigns.models import Archive, ArchiveEntry
from contacts.models import SignupForm
from kernel.edit_conflicts import NoticesConflicts
from kernel.forms import model_choice_field


class ArchiveForm(NoticesConflicts, forms.ModelForm):
    """How the archive looks and what is in it."""

    class Meta:
        model = Archive
        fields: ClassVar = ["is_open", "title", "intro", "shows_all", "signup_form", "is_indexed"]
        widgets: ClassVar = {"intro": forms.Textarea(attrs={"rows": 3})}
        help_texts: ClassVar = {
            "is_open": _(
                "Everybody who has the address can read it, without logging in. Switched off, it is gone at once."
            ),
            "shows_all": _(
                "Also campaigns that were sent before. Otherwise only those for which you choose “Show” yourself."
            ),
            "signup_form": _(
                "Invites readers to sign up, and takes the place of “Unsubscribe” and “Preferences” in the messages. "
                "Without a form, these links are left out."
            ),
            "is_indexed": _("Otherwise search engines are told not to list the page and its messages."),
        }

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        usable = Q(is_open=True) | Q(pk=self.instance.signup_form_id)
        field = model_choice_field(self, "signup_form")
        field.queryset = SignupForm.objects.present().filter(usable).order_by("name")
        field.empty_label = _("No form")

    def clean_title(self) -> str:
        """A title that pages and feeds can show."""
        title = tidied(self.cleaned_data["title"], has_gaps=False)
        if not title:
            raise forms.ValidationError(_("Enter a title."))
        return title


class EntryForm(NoticesConflicts, forms.ModelForm):
    """Whether the archive shows a campaign."""

    class Meta:
        model = ArchiveEntry
        fields: ClassVar = ["is_shown"]

    def __init__(self, *args: Any, archive: Archive, **kwargs: Any):
        super().__init__(*args, **kwargs)
        usual = _("As the archive does: show it") if archive.shows_all else _("As the archive does: don't show it")
        self.fields["is_shown"] = forms.TypedChoiceField(
            label=_("In the archive"),
            choices=[("", usual), ("True", _("Show")), ("False", _("Don't show"))],
            coerce=lambda text: text == "True",
            empty_value=None,
            required=False,
            widget=forms.RadioSelect,
        )
