"""E-mail through an SMTP server of the merchant's (RFC 5321)."""

from django.conf import settings
from django.utils.translation import gettext as _

from delivery.channels import base
from delivery.channels.email_smtp.client import SmtpConnection
from delivery.channels.email_smtp.forms import SmtpForm


class Smtp(base.Provider):
    slug = "smtp"
    channel = "email"
    label = "SMTP"
    form = SmtpForm

    @property
    def connections(self) -> int:
        return settings.SMTP_CONNECTIONS

    def connect(self, account, batch) -> SmtpConnection:
        return SmtpConnection(account.options, account.secret or {})

    def check(self, account) -> str:
        connection = SmtpConnection(account.options, account.secret or {}, timeout=8)
        try:
            return _("Connected to %(host)s and logged in. The server says: %(banner)s") % {
                "host": account.options["host"],
                "banner": connection.banner[:120],
            }
        finally:
            connection.close()


PROVIDER = Smtp()
