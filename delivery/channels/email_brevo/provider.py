"""E-mail through Brevo's HTTP interface."""

from delivery.channels import base
from delivery.channels.email_brevo.forms import BrevoForm
from delivery.channels.email_brevo.payload import BrevoApi
from delivery.channels.http_carrier import HttpCarrier, check


class Brevo(base.Provider):
    slug = "brevo"
    channel = "email"
    label = "Brevo"
    form = BrevoForm

    def carrier(self, account, desk: base.Desk) -> HttpCarrier:
        return HttpCarrier(desk, BrevoApi, account)

    def check(self, account) -> str:
        return check(BrevoApi(account.options, account.secret or {}))


PROVIDER = Brevo()
