from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.db import IntegrityError
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from contacts.consent import blocked_domains, consent_rules, ledger
from contacts.forms.fields.own_fields import OwnFields
from contacts.forms.groups.name_lists import ExistingField, NamesField
from contacts.groups import named_rows, tagging
from contacts.identity.addresses import BadAddress, clean_email
from contacts.identity.phones import REASONS as PHONE_REASONS
from contacts.identity.phones import BadPhone, clean_phone
from contacts.imports.reasons import REASONS
from contacts.models import Channel, Company, Contact, ContactList, Tag
from contacts.people import same_number
from kernel.edit_conflicts import NoticesConflicts
from kernel.forms import choice_field, hide_optional
from kernel.links import workspace_url

IDENTITIES = ["email", "phone", "external_id"]


def _companies(names: list[str]) -> dict[str, Company]:
    """The present companies by those of the names that they have."""
    keys = {name: name.lower() for name in names}
    found = {company.name_key: company for company in Company.objects.present().filter(name_key__in=keys.values())}
    return {name: found[key] for name, key in keys.items() if key in found}


class TagsField(NamesField):
    """Tag names, separated by commas. New tags are created."""

    def __init__(self, **kwargs: Any):
        options: dict[str, Any] = {"max_name_length": 60, "of": "tags", "label": _("Tags")}
        super().__init__(**options | kwargs)


class ContactForm(NoticesConflicts, OwnFields):
    """A contact entered by hand. One of e-mail, phone and own id is enough. The e-mail address and the own id belong to
    no other contact; a phone number may, and the form says so."""

    Taken = IntegrityError  # save() raises it if somebody else has just saved the same e-mail address or own id

    email = forms.CharField(
        label=_("E-mail"), max_length=254, required=False, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
        help_text=_("With or without the country code: +33 6 12 34 56 78."),
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    tags = TagsField(help_text=_("Separated by commas. New tags are created."))
    lists = ExistingField(
        label=_("Lists"),
        max_name_length=120,
        of="lists",
        find=partial(named_rows.find, ContactList),
        missing=_("There is no list called “%(name)s”. Create it under Lists first."),
        help_text=_("Separated by commas."),
    )
    companies = ExistingField(
        label=_("Companies"),
        max_name_length=200,
        of="companies",
        find=_companies,
        missing=_("There is no company called “%(name)s”. Add it under Companies first."),
        help_text=_(
            "The companies this person works for, separated by commas. Put names that contain"
            " a comma in quotation marks."
        ),
    )

    class Meta:
        model = Contact
        fields = ["email", "phone", "external_id", "first_name", "last_name", "language"]

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any):
        self.workspace = workspace
        super().__init__(*args, **kwargs)
        self.addresses = {name: getattr(self.instance, name) for name in IDENTITIES}
        known = dict(settings.LANGUAGES)
        if (spoken := self.instance.language) and spoken not in known:
            known[spoken] = spoken
        choice_field(self, "language").choices = [("", _("Not set")), *known.items()]
        hide_optional(self, *IDENTITIES)  # one of them is required
        self.fields["external_id"].help_text = _("Your own reference for this person.")
        if self.instance.pk:
            self._fill_in(self.instance)
            self._say_who_else_has(self.instance.phone)
        self.add_own_fields()
        self.order_fields([*self.Meta.fields, *self.own_names(), "tags", "lists", "companies"])

    def _fill_in(self, contact: Contact) -> None:
        tags = Tag.objects.present().filter(contacttag__contact=contact)
        lists = ContactList.objects.present().filter(members__contact=contact)
        companies = Company.objects.present().filter(people__contact=contact).order_by("name_key")
        for name, rows in (("tags", tags), ("lists", lists), ("companies", companies)):
            self.fields[name].initial = list(rows.values_list("name", flat=True))

    def clean_email(self) -> str | None:
        if not self.cleaned_data["email"].strip():
            return None
        try:
            address = clean_email(self.cleaned_data["email"])
        except BadAddress as problem:
            raise forms.ValidationError(REASONS[str(problem)]) from None
        if address != self.instance.email and blocked_domains.is_blocked(address):
            raise forms.ValidationError(_("This domain is blocked in your workspace. Enter another address."))
        return self._free("email", address)

    def clean_phone(self) -> str | None:
        if not self.cleaned_data["phone"].strip():
            return None
        try:
            number = clean_phone(self.cleaned_data["phone"], self.workspace.country)
        except BadPhone as problem:
            raise forms.ValidationError(PHONE_REASONS[str(problem)]) from None
        self._say_who_else_has(number)
        return number

    def _say_who_else_has(self, number: str | None) -> None:
        """A hint below the phone number: colleagues and families share one."""
        shown = self["phone"]  # what a page shows; it no longer asks the field, once the form is validated
        shown.help_text = self.fields["phone"].help_text
        if found := same_number.others(number, besides=self.instance.pk):
            links = format_html_join(
                ", ",
                '<a href="{}">{}</a>',
                ((workspace_url(self.workspace, "contacts:show", pk=other.pk), str(other)) for other in found.first),
            )
            more = " …" if found.count > len(found.first) else ""
            shown.help_text = format_html("{} {}{}", found.sentence, links, more)

    def clean_external_id(self) -> str | None:
        text = " ".join((self.cleaned_data["external_id"] or "").split())
        return self._free("external_id", text) if text else None

    def _free(self, field: str, value: str) -> str:
        """The value, unless it belongs to another contact. A deleted contact keeps its values, for a restore. Raises
        ValidationError."""
        other = Contact.objects.filter(**{field: value}).exclude(pk=self.instance.pk).first()
        if other is None:
            return value
        if other.merged_into_id:
            other = Contact.objects.get(pk=other.merged_into_id)
        sentence = (
            gettext("This belongs to {name}, who is deleted. Restore that contact instead.")
            if other.deleted_at
            else gettext("This belongs to {name} already.")
        )
        link = format_html(
            '<a href="{}">{}</a>', workspace_url(self.workspace, "contacts:show", pk=other.pk), str(other)
        )
        raise forms.ValidationError(format_html(sentence, name=link), code="taken")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        wrong = any(name in self.errors for name in IDENTITIES)
        if not wrong and not any(data.get(name) for name in IDENTITIES):
            raise forms.ValidationError(_("Enter an e-mail address, a phone number or a customer number."))
        return data

    def save(self, commit: bool = True) -> Contact:
        contact = self.instance
        if not contact.pk or any(getattr(contact, name) != value for name, value in self.addresses.items()):
            ledger.update_status_for_new_address(contact, self.addresses)
        contact = super().save(commit=commit)
        tagging.retag(contact, self.cleaned_data["tags"])
        tagging.relist(contact, self.cleaned_data["lists"])
        tagging.attach(contact, self.cleaned_data["companies"])
        return contact


class NewContactForm(ContactForm):
    """A new contact, with the consent that the person gave."""

    channels = forms.MultipleChoiceField(
        label=_("This person agreed to"),
        choices=Channel.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Without consent, this contact receives no marketing."),
    )
    consent = forms.CharField(
        label=_("How did this person agree?"),
        required=False,
        max_length=300,
        help_text=_("What they were asked, where and when. For example: paper form at the shop, 12 March."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        channels, wording = data.get("channels") or [], data.get("consent", "")
        if channels and not wording:
            self.add_error("consent", _("Enter how this person agreed. The law requires this proof."))
        if wording and not channels and "channels" not in self.errors:
            self.add_error("channels", _("Choose what this person agreed to."))
        for channel in channels:
            column = consent_rules.ADDRESS.get(channel)
            if column and not data.get(column) and column not in self.errors:
                sentence = _("%(channel)s needs an address. Fill in the e-mail or the phone number above.")
                self.add_error("channels", sentence % {"channel": Channel(channel).label})
        return data
