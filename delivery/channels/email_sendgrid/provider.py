"""E-mail through Twilio SendGrid's HTTP interface."""

from delivery.channels import base
from delivery.channels.email_sendgrid.forms import SendGridForm
from delivery.channels.email_sendgrid.payload import SendGridApi
from delivery.channels.http_transport import HttpTransport, check
from delivery.channels.provider import Provider
from delivery.models import ProviderAccount


class SendGrid(Provider):
    slug = "sendgrid"
    channel = "email"
    label = "SendGrid"
    form = SendGridForm

    def transport(self, account: ProviderAccount, outbox: base.Outbox) -> HttpTransport:
        return HttpTransport(outbox, SendGridApi, account)

    def check(self, account: ProviderAccount) -> str:
        return check(SendGridApi(account.options, account.secret or {}))


PROVIDER = SendGrid()
