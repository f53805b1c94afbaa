from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.consent import consent_rules
from contacts.consent.blocked_domains import BadDomain, clean_domain
from contacts.consent.recipients import clean_recipient
from contacts.identity.addresses import BadAddress
from contacts.identity.phones import BadPhone
from contacts.imports.reasons import REASONS
from contacts.models import BlockedDomain, Channel, Suppression

MAX_BY_HAND = 1000
SHOWN = 5
CHANNELS = [(value, label) for value, label in Channel.choices if value in consent_rules.ADDRESS]
# Removing one of these brings back a person who complained, or one who asked to be erased.
NEEDS_CONFIRMATION = {Suppression.Reason.COMPLAINED, Suppression.Reason.ERASED}


class NewSuppressionsForm(forms.Form):
    channel = forms.ChoiceField(label=_("Channel"), choices=CHANNELS)
    addresses = forms.CharField(
        label=_("Addresses or phone numbers"),
        max_length=300_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("One per line, up to 1,000. For more, import a file."),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=200, help_text=_("A reason, for your team."))

    def __init__(self, *args, country: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.country = country

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        channel, lines = data.get("channel"), self._lines(data.get("addresses", ""))
        if not lines and "addresses" not in self.errors:
            self.add_error("addresses", _("Enter at least one address or number."))
        if not channel or not lines:
            return data
        if len(lines) > MAX_BY_HAND:
            self.add_error("addresses", _("More than 1,000 lines. Import them as a file instead."))
            return data
        good: dict[str, None] = {}
        bad: list[str] = []
        for number, line in lines:
            try:
                good[clean_recipient(channel, line, self.country)] = None
            except (BadAddress, BadPhone) as problem:
                bad.append(_("Line %(n)d, “%(line)s”: %(why)s") % self._message_args(number, line, str(problem)))
        for message in bad[:SHOWN]:
            self.add_error("addresses", message)
        if len(bad) > SHOWN:
            self.add_error("addresses", _("Other lines that can't be read: %(n)d.") % {"n": len(bad) - SHOWN})
        data["recipients"] = list(good)
        return data

    @staticmethod
    def _lines(text: str) -> list[tuple[int, str]]:
        return [(n, line.strip(" \t,;")) for n, line in enumerate(text.splitlines(), 1) if line.strip(" \t,;")]

    @staticmethod
    def _message_args(number: int, line: str, problem: str) -> dict:
        return {"n": number, "line": line[:60], "why": REASONS[problem]}


class RemovalForm(forms.Form):
    """Removes an address from the list. It asks why, and for some reasons also for a confirmation."""

    reason = forms.CharField(
        label=_("Why can you write to this address again?"),
        max_length=200,
        help_text=_("For example: typo in the imported file. Your answer is kept in the audit log."),
    )

    def __init__(self, *args, suppression: Suppression, **kwargs):
        super().__init__(*args, **kwargs)
        if suppression.reason in NEEDS_CONFIRMATION:
            complained = suppression.reason == Suppression.Reason.COMPLAINED
            self.fields["understood"] = forms.BooleanField(
                label=_("I know that this person reported our messages as spam, and they told me it was a mistake.")
                if complained
                else _(
                    "I know that this person asked us to delete their data, and that an import can"
                    " add them again after this."
                ),
                error_messages={"required": _("Tick this box to continue.")},
            )

    def clean_reason(self) -> str:
        reason = self.cleaned_data["reason"]
        if "@" in reason:
            raise forms.ValidationError(_("Don't include addresses: the audit log is kept permanently."))
        return reason


class BlockedDomainForm(forms.ModelForm):
    # Longer than the stored form, because people paste whole addresses.
    domain = forms.CharField(label=_("Domain"), max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    class Meta:
        model = BlockedDomain
        fields = ["domain"]

    def clean_domain(self) -> str:
        try:
            domain = clean_domain(self.cleaned_data["domain"])
        except BadDomain:
            raise forms.ValidationError(_("Enter a domain, such as example.com.")) from None
        if BlockedDomain.objects.filter(domain=domain).exists():
            raise forms.ValidationError(_("This domain is already on the list."))
        return domain
