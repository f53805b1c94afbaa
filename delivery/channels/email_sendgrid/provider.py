"""E-mail through Twilio SendGrid's HTTP interface."""

from delivery.channels import base
from delivery.channels.email_sendgrid.forms import SendGridForm
from delivery.channels.email_sendgrid.payload import SendGridApi
from delivery.channels.http_transport import HttpTransport, check


class SendGrid(base.Provider):
    slug = "sendgrid"
    channel = "email"
    label = "SendGrid"
    form = SendGridForm

    def transport(self, account, outbox: base.Outbox) -> HttpTransport:
        return HttpTransport(outbox, SendGridApi, account)

    def check(self, account) -> str:
        return check(SendGridApi(account.options, account.secret or {}))


PROVIDER = SendGrid()
