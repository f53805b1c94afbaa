"""E-mail through Twilio SendGrid's HTTP interface."""

from delivery.channels import base
from delivery.models import ProviderAccount
from delivery.providers.http_transport import HttpTransport, check
from delivery.providers.provider import Provider
from delivery.providers.sendgrid.forms import SendGridForm
from delivery.providers.sendgrid.payload import SendGridApi


class SendGrid(Provider):
    slug = "sendgrid"
    channels = ("email",)
    label = "SendGrid"
    form = SendGridForm

    def transport(self, account: ProviderAccount, outbox: base.Outbox) -> HttpTransport:
        return HttpTransport(outbox, SendGridApi, account)

    def check(self, account: ProviderAccount) -> str:
        return check(SendGridApi(account.options, account.secret or {}))


PROVIDER = SendGrid()
