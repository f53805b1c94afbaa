"""The form of the preference centre, for everything a person may change except channels and topics."""

from datetime import date, timedelta

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.consent import consent_rules, ledger
from contacts.forms.signups.signup import PhoneField
from contacts.models import Contact
from kernel import throttle
from kernel.forms import hide_optional

MAX_PAUSE = timedelta(days=366)
MAX_NUMBERS_PER_DAY = 5


class PreferencesForm(forms.Form):
    first_name = forms.CharField(
        label=gettext_lazy("First name"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=gettext_lazy("Last name"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    frequency = forms.ChoiceField(label=gettext_lazy("How often"), choices=Contact.Frequency, required=False)
    paused_until = forms.DateField(
        label=gettext_lazy("Pause until"),
        required=False,
        help_text=gettext_lazy("No messages until this date, up to one year from now. Leave empty for no pause."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES, required=False)

    def __init__(self, data: QueryDict | None = None, *, contact: Contact, language: str, country: str):
        self.contact = contact
        names = ("first_name", "last_name", "frequency", "paused_until")
        initial = {name: getattr(contact, name) for name in names} | {"language": language}
        super().__init__(data, initial=initial, label_suffix="")
        today = timezone.localdate()
        self.fields["paused_until"].widget.attrs |= {
            "min": (today + timedelta(days=1)).isoformat(),
            "max": (today + MAX_PAUSE).isoformat(),
        }
        # Anybody to whom a message was forwarded can open this page, so the number is not shown.
        hint = _("We have a number ending in %(end)s. Leave empty to keep it.") % {"end": (contact.phone or "")[-2:]}
        self.fields["phone"] = PhoneField(
            label=_("Phone"), region=country, required=False, help_text=hint if contact.phone else ""
        )
        if contact.phone and contact.email:
            self.fields["forget_phone"] = forms.BooleanField(label=_("Delete my number"), required=False)
        hide_optional(self, *self.fields)  # every field is optional, so no label says it

    def clean_paused_until(self) -> date | None:
        day = self.cleaned_data["paused_until"]
        if day is None or day == self.contact.paused_until:
            return day
        if day <= timezone.localdate():
            raise forms.ValidationError(_("Choose a date after today."))
        if day > timezone.localdate() + MAX_PAUSE:
            raise forms.ValidationError(_("Choose a date within the next year."))
        return day

    def clean_phone(self) -> str:
        number = self.cleaned_data["phone"]
        if not number or number == self.contact.phone:
            return number
        # Who turns SMS off for a number turns it off for all who have it, and a forwarded message opens this page.
        if not throttle.take("numbers", str(self.contact.pk), most=MAX_NUMBERS_PER_DAY, seconds=24 * 3600):
            raise forms.ValidationError(_("Your number has been changed too many times today. Try again tomorrow."))
        # Others may have this number, too. The page doesn't say so: it would tell strangers who is registered here.
        return number

    def save(self) -> None:
        """Save the changed fields of the contact. A field that was not sent stays as it is: mail programs and scanners
        send empty forms to addresses in messages."""
        contact, data = self.contact, self.cleaned_data
        names = ("first_name", "last_name", "frequency", "paused_until")
        values = {name: data[name] for name in names if name in self.data}
        values["language"] = data["language"] or contact.language
        if data["phone"]:
            values["phone"] = data["phone"]
        elif data.get("forget_phone"):
            values["phone"] = None
        changed = [name for name, value in values.items() if getattr(contact, name) != value]
        before = ledger.addresses_of(contact)
        for name in changed:
            setattr(contact, name, values[name])
        if "phone" in changed:
            ledger.update_status_for_new_address(contact, before)
            changed += consent_rules.STATUS.values()
        if changed:
            contact.save(update_fields=[*changed, "updated_at"])
