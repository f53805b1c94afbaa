import re

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.forms.limits import LimitedAccountForm
from kernel import domains


class SmtpForm(LimitedAccountForm):
    option_fields = ("host", "port", "security", "user", "fingerprint")
    secret_fields = ("password",)

    host = forms.CharField(
        label=_("Server"), max_length=253, widget=forms.TextInput(attrs={"placeholder": "smtp.example.com"})
    )
    port = forms.IntegerField(
        label=_("Port"), min_value=1, max_value=65535, initial=587, help_text=_("587 with STARTTLS, 465 with TLS.")
    )
    security = forms.ChoiceField(
        label=_("Encryption"),
        initial="starttls",
        choices=[("starttls", "STARTTLS"), ("tls", "TLS"), ("none", _("None (only for a server on the same machine)"))],
    )
    user = forms.CharField(
        label=_("User name"), max_length=254, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=500,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Stored encrypted and never shown again. Leave empty to keep the current one."),
    )

    fingerprint = forms.CharField(
        label=_("Certificate fingerprint"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("SHA-256. Only for a server whose certificate you issued yourself."),
    )

    def uses_secrets(self) -> bool:
        return bool(self.cleaned_data.get("user"))

    def clean_host(self) -> str:
        host = self.cleaned_data["host"].strip().rstrip(".").lower()
        if "/" in host or " " in host or "@" in host:
            raise forms.ValidationError(_("Enter only the server name, such as smtp.example.com."))
        try:
            return domains.to_ascii(host)  # sockets and TLS follow IDNA 2003, which may name another host
        except domains.BadDomain:
            raise forms.ValidationError(_("Enter only the server name, such as smtp.example.com.")) from None

    def clean_fingerprint(self) -> str:
        """64 hexadecimal digits, in lower case. Programs write them with colons or blanks, and some with their name."""
        typed = re.sub(r"[:\s]", "", self.cleaned_data["fingerprint"].lower()).removeprefix("sha256fingerprint=")
        if typed and not re.fullmatch("[0-9a-f]{64}", typed):
            raise forms.ValidationError(_("Enter the SHA-256 fingerprint: 64 digits and letters from A to F."))
        return typed
