from django.utils.translation import gettext_lazy as _

from delivery.providers.http_forms import KeyForm, key_field


class BrevoForm(KeyForm):
    secret_fields = ("api_key",)

    api_key = key_field(_("API key"))
