"""Checks of a mail that need to know how mails are sent, and to whom: see templates_app.checks."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from delivery import mailbox_providers
from delivery.channels.email import content_checks
from kernel.bounded_cache import BoundedCache
from kernel.templatetags.ui import number
from kernel.tenancy import require_workspace_id
from templates_app.checks import support as support_check
from templates_app.checks.finding import LOOK, Finding, passed
from templates_app.checks.message import Message

SAMPLE = 10_000  # of the newest contacts
REMEMBERED = 600  # seconds
COUNT = f"""
SELECT {mailbox_providers.of_address("email")} AS provider, count(*) FROM (
    SELECT email FROM contacts_contact WHERE workspace_id = %s AND deleted_at IS NULL AND email <> ''
    ORDER BY id DESC LIMIT {SAMPLE}
) newest GROUP BY 1
"""  # noqa: S608  (names and a number of our own)


def size(message: Message) -> Iterator[Finding]:
    """Gmail shows no more than 102 KB of a message's HTML: here of the message as it is sent."""
    bytes_sent = content_checks.sent_size(message.html, message.preheader, message.workspace.pk)
    figure = _("%(size)s KB") % {"size": number(-(-bytes_sent // 1000))}
    if bytes_sent <= content_checks.GMAIL_CLIPS:
        yield passed("size", _("Size, Gmail cuts at 102 KB"), figure)
        return
    title = _("The message is too long for Gmail: %(figure)s") % {"figure": figure}
    seen = _("Gmail cuts it off after 102 KB, with the unsubscribe link at its end. Take something out.")
    yield Finding("size", LOOK, title, seen)


def support(message: Message) -> Iterator[Finding]:
    yield from support_check.findings(message, readers())


def spam_score_page() -> str:
    return "delivery:spam_score" if settings.SPAM_CHECK_URL else ""


_known: BoundedCache[int, tuple[float, dict[str, int]]] = BoundedCache(500)


def readers() -> dict[str, int]:
    """How many of the newest contacts have their mailbox at each provider; as it was some minutes ago."""
    workspace_id = require_workspace_id()
    until, found = _known.get(workspace_id) or (0.0, {})
    if until < time.monotonic():
        with connection.cursor() as cursor:
            cursor.execute(COUNT, [workspace_id])
            found = dict(cursor.fetchall())
        _known.put(workspace_id, (time.monotonic() + REMEMBERED, found))
    return found
