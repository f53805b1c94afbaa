"""E-mail through Brevo's HTTP interface."""

from delivery.channels import base
from delivery.channels.email_brevo.forms import BrevoForm
from delivery.channels.email_brevo.payload import BrevoApi
from delivery.channels.http_transport import HttpTransport, check
from delivery.channels.provider import Provider
from delivery.models import ProviderAccount


class Brevo(Provider):
    slug = "brevo"
    channel = "email"
    label = "Brevo"
    form = BrevoForm

    def transport(self, account: ProviderAccount, outbox: base.Outbox) -> HttpTransport:
        return HttpTransport(outbox, BrevoApi, account)

    def check(self, account: ProviderAccount) -> str:
        return check(BrevoApi(account.options, account.secret or {}))


PROVIDER = Brevo()
