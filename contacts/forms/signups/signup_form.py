"""The form with which a merchant configures a sign-up form."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django import forms
from django.conf import settings
from django.forms.boundfield import BoundField
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Workspace
from contacts.forms.people.contact import TagsField
from contacts.forms.signups.signup import BASIC
from contacts.groups import tagging
from contacts.models import ContactField, ContactList, FormTopic, SignupForm, Topic
from kernel import domains
from kernel.edit_conflicts import NoticesConflicts
from kernel.forms import hide_optional, model_choice_field

ASK_CHOICES = [
    ("", gettext_lazy("Don't ask")),
    ("optional", gettext_lazy("Optional")),
    ("required", gettext_lazy("Required")),
]


def usual_wording(workspace: Workspace, language: str) -> str:
    """The default consent text, in the form's language. The merchant may change it."""
    with translation.override(language):
        return _(
            "I agree to receive news and offers from %(workspace)s by e-mail. I can unsubscribe at "
            "any time with the link in every message."
        ) % {"workspace": workspace.name}


class SignupFormForm(NoticesConflicts, forms.ModelForm):
    # The querysets of topics and lists are set in __init__: here, they would keep the workspace of the first import.
    topics: forms.ModelMultipleChoiceField[Topic] = forms.ModelMultipleChoiceField(
        None,
        label=gettext_lazy("Topics offered"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    contact_list: forms.ModelChoiceField[ContactList] = forms.ModelChoiceField(
        None, label=gettext_lazy("Add to list"), required=False, empty_label=gettext_lazy("No list")
    )
    tags = TagsField(label=gettext_lazy("Add tags"), required=False, help_text=gettext_lazy("Separated by commas."))

    field_order = ["name", "language", "title", "intro", "button", "wording", "topics", "contact_list", "tags"]

    class Meta:
        model = SignupForm
        fields = ["name", "language", "title", "intro", "button", "wording"]
        fields += ["topics", "contact_list", "double_opt_in", "thanks", "thanks_url"]
        widgets = {
            "intro": forms.Textarea(attrs={"rows": 2}),
            "wording": forms.Textarea(attrs={"rows": 3}),
            "thanks": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {
            "name": gettext_lazy("Only for you. Visitors don't see it."),
            "button": gettext_lazy("Leave empty for “Sign up” in the form's language."),
            "wording": gettext_lazy("Kept word for word with each person's consent, as proof."),
            "double_opt_in": gettext_lazy(
                "Recommended. Without it, anyone can sign up someone else's address, and you can't prove who agreed."
            ),
            "thanks": gettext_lazy("Shown after the sign-up."),
            "thanks_url": gettext_lazy("A page of your site to open instead of the text. It must start with https://."),
        }

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.workspace = workspace
        model_choice_field(self, "topics").queryset = Topic.objects.present()
        model_choice_field(self, "contact_list").queryset = ContactList.objects.present()
        self.fields["thanks_url"].widget.attrs["placeholder"] = "https://"
        if self.instance.pk:
            self.initial["topics"] = self.instance.offered_topics()
            self.initial["tags"] = [tag.name for tag in self.instance.given_tags()]
        else:
            self.initial["language"] = workspace.language
            self.initial["wording"] = usual_wording(workspace, workspace.language)
        self._own = {own.name: own.label for own in ContactField.objects.present()}
        labels = {name: label for name, (label, _make) in BASIC.items()} | self._own
        asked = {one["name"]: one.get("required") for one in self.instance.fields}
        for name, label in labels.items():
            initial = "" if name not in asked else "required" if asked[name] else "optional"
            self.fields[f"ask_{name}"] = forms.ChoiceField(
                label=label, choices=ASK_CHOICES, required=False, initial=initial
            )
            hide_optional(self, f"ask_{name}")  # there is always a choice
        self._names = list(labels)

    def clean_thanks_url(self) -> str:
        """The address, in a form that is valid in a content security policy and a Location header: the host in ASCII
        (RFC 5891), and a port that exists."""
        address = self.cleaned_data["thanks_url"]
        if not address:
            return address
        parts = urlsplit(address)
        if parts.scheme != "https":
            raise forms.ValidationError(_("The address must start with https://."))
        try:
            port = f":{parts.port}" if parts.port else ""
            host = domains.to_ascii(parts.hostname or "")
        except ValueError:
            raise forms.ValidationError(_("This address doesn't exist. Check it for typos.")) from None
        if ":" in host:
            host = f"[{host}]"
        return urlunsplit((parts.scheme, host + port, parts.path, parts.query, parts.fragment))

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        usual = {usual_wording(self.workspace, language) for language, _name in settings.LANGUAGES}
        if data.get("wording") in usual and data.get("language"):
            data["wording"] = usual_wording(self.workspace, data["language"])
        return data

    def save(self, commit: bool = True) -> SignupForm:
        self.instance.fields = [
            {"name": name, "required": self.cleaned_data[f"ask_{name}"] == "required"}
            for name in self._names
            if self.cleaned_data[f"ask_{name}"]
        ]
        self.instance.tags = [tag.pk for tag in tagging.named(self.cleaned_data["tags"])]
        self.instance.contact_list = self.cleaned_data["contact_list"]
        form = super().save(commit=False)
        form.save()
        FormTopic.objects.filter(form=form).delete()
        FormTopic.objects.bulk_create([FormTopic(form=form, topic=topic) for topic in self.cleaned_data["topics"]])
        return form

    @property
    def asked_fields(self) -> list[BoundField]:
        """The fields that say what visitors are asked, which the page shows separately."""
        return [self[f"ask_{name}"] for name in self._names]

    @property
    def other_fields(self) -> list[BoundField]:
        return [field for field in self.visible_fields() if not field.name.startswith("ask_")]
