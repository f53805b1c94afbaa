from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from delivery.providers.http_forms import KeyForm, key_field, one_word
from delivery.providers.ses.payload import REGIONS


class SesForm(KeyForm):
    option_fields = ("region", "access_key_id", "configuration_set")
    harmless_options = ("region", "configuration_set")  # the secret signs, and is sent to nobody
    secret_fields = ("secret_access_key",)

    region = forms.ChoiceField(label=_("Region"), choices=[(region, region) for region in REGIONS])
    access_key_id = forms.CharField(
        label=_("Access key ID"),
        max_length=128,
        validators=[one_word],
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "AKIA…"}),
        help_text=_("Use an IAM user limited to ses:SendEmail, ses:SendRawEmail and ses:GetAccount."),
    )
    secret_access_key = key_field(_("Secret access key"))
    configuration_set = forms.CharField(
        label=_("Configuration set"),
        required=False,
        max_length=64,
        validators=[RegexValidator(r"^[A-Za-z0-9_-]+$", _("Use only letters, digits, - and _."))],
        help_text=_("Leave empty unless you created one in SES."),
    )
