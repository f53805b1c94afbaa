from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.providers.http_forms import KeyForm, key_field


class SendGridForm(KeyForm):
    option_fields = ("region",)
    secret_fields = ("api_key",)

    api_key = key_field(_("API key"))
    region = forms.ChoiceField(
        label=_("Region"),
        initial="global",
        choices=[("global", _("Global")), ("eu", _("European Union"))],
        help_text=_("Choose European Union only for a subuser hosted there by SendGrid."),
    )
