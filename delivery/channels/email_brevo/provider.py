"""E-mail through Brevo's HTTP interface."""

from delivery.channels import base
from delivery.channels.email_brevo.forms import BrevoForm
from delivery.channels.email_brevo.payload import BrevoApi
from delivery.channels.http_transport import HttpTransport, check


class Brevo(base.Provider):
    slug = "brevo"
    channel = "email"
    label = "Brevo"
    form = BrevoForm

    def transport(self, account, outbox: base.Outbox) -> HttpTransport:
        return HttpTransport(outbox, BrevoApi, account)

    def check(self, account) -> str:
        return check(BrevoApi(account.options, account.secret or {}))


PROVIDER = Brevo()
