"""E-mail through Amazon SES's HTTP interface (API v2)."""

from delivery.channels import base
from delivery.models import ProviderAccount
from delivery.providers.http_transport import HttpTransport, check
from delivery.providers.provider import Provider
from delivery.providers.ses.forms import SesForm
from delivery.providers.ses.payload import SesApi


class Ses(Provider):
    slug = "ses"
    channels = ("email",)
    label = "Amazon SES"
    form = SesForm

    def transport(self, account: ProviderAccount, outbox: base.Outbox) -> HttpTransport:
        return HttpTransport(outbox, SesApi, account)

    def check(self, account: ProviderAccount) -> str:
        return check(SesApi(account.options, account.secret or {}))


PROVIDER = Ses()
