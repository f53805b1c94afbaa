"""Where Fanfare's own mails end while EMAIL_URL is not set: nowhere, and least of all in the log.

Their links set a new password or confirm an address, so whoever reads the log could use them.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from email.utils import parseaddr
from functools import cache

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from kernel.mailboxes import mask

log = logging.getLogger("fanfare.mail")


class EmailBackend(BaseEmailBackend):
    """Sends nothing, and logs to whom."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            _explain()
            to = ", ".join(mask(parseaddr(address)[1]) for address in message.recipients())
            log.warning("a mail was not sent, to %s", to)
        return 0


@cache
def _explain() -> None:
    """Once in each process."""
    log.error("no mail server is set (EMAIL_URL): Fanfare's own mails reach nobody")
