"""E-mail through Brevo's HTTP interface."""

from delivery.channels import base
from delivery.models import ProviderAccount
from delivery.providers.brevo.forms import BrevoForm
from delivery.providers.brevo.payload import BrevoApi
from delivery.providers.http_transport import HttpTransport, check
from delivery.providers.provider import Provider


class Brevo(Provider):
    slug = "brevo"
    channels = ("email",)
    label = "Brevo"
    form = BrevoForm

    def transport(self, account: ProviderAccount, outbox: base.Outbox) -> HttpTransport:
        return HttpTransport(outbox, BrevoApi, account)

    def check(self, account: ProviderAccount) -> str:
        return check(BrevoApi(account.options, account.secret or {}))


PROVIDER = Brevo()
