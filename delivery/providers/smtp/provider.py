"""E-mail through the merchant's SMTP server (RFC 5321)."""

import asyncio

from django.utils.translation import gettext as _

from delivery.channels import base
from delivery.models import ProviderAccount
from delivery.providers.provider import Provider
from delivery.providers.smtp.connecting import open_session
from delivery.providers.smtp.forms import SmtpForm
from delivery.providers.smtp.transport import SmtpTransport
from kernel.tenancy import scope


class Smtp(Provider):
    slug = "smtp"
    keeps_message_id = True
    takes_utf8_addresses = None
    channels = ("email",)
    label = "SMTP"
    form = SmtpForm

    def transport(self, account: ProviderAccount, outbox: base.Outbox) -> SmtpTransport:
        return SmtpTransport(outbox, account.options, account.secret or {})

    def check(self, account: ProviderAccount) -> str:
        banner, offers = asyncio.run(_try(account.options, account.secret or {}))
        with scope(account.workspace_id):
            account.record_offers(offers)
        return _("Connected to %(host)s and logged in. The server says: %(banner)s") % {
            "host": account.options["host"],
            "banner": banner[:120],
        }


async def _try(options: dict, secret: dict) -> tuple[str, dict]:
    session, banner = await open_session(None, options, secret, timeout=8)
    await session.quit()
    return banner, session.offers


PROVIDER = Smtp()
