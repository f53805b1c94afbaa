"""E-mail through Twilio SendGrid's HTTP interface."""

from delivery.channels import base
from delivery.channels.email_sendgrid.forms import SendGridForm
from delivery.channels.email_sendgrid.payload import SendGridApi
from delivery.channels.http_carrier import HttpCarrier, check


class SendGrid(base.Provider):
    slug = "sendgrid"
    channel = "email"
    label = "SendGrid"
    form = SendGridForm

    def carrier(self, account, desk: base.Desk) -> HttpCarrier:
        return HttpCarrier(desk, SendGridApi, account)

    def check(self, account) -> str:
        return check(SendGridApi(account.options, account.secret or {}))


PROVIDER = SendGrid()
