"""Asks the filter that the operator named about a message as it would be sent."""

from __future__ import annotations

from types import ModuleType
from urllib.parse import urlsplit

from django.conf import settings

from accounts.models import Workspace
from contacts.identity import merge_values
from delivery.channels.channel import Draft
from delivery.channels.email.channel import CHANNEL
from delivery.channels.email.outgoing import Email
from delivery.models import Sender
from delivery.spam_filters import rspamd, spamd
from delivery.spam_filters.verdict import NoAnswer, Verdict
from templates_app.models import MessageTemplate

FILTERS: dict[str, ModuleType] = {"rspamd": rspamd, "spamd": spamd}


def is_on() -> bool:
    return bool(settings.SPAM_CHECK_URL)


def message(template: MessageTemplate, workspace: Workspace) -> Email:
    """The template's message to an invented person, from the workspace's first sender. Raises MergeError."""
    sender = Sender.objects.present().filter(channel=template.channel).first()
    sender = sender or Sender(name=workspace.name, email="news@example.com")
    content = CHANNEL.freeze(Draft(workspace, template, sender, template.name, ""))
    composer = CHANNEL.composer(workspace.pk, 1, content)
    return composer.compose(1, str(merge_values.EXAMPLE["email"]), merge_values.EXAMPLE)


def ask(mail: Email) -> Verdict:
    """What the filter says of it. Never in a transaction. Raises NoAnswer."""
    try:
        parts = urlsplit(settings.SPAM_CHECK_URL)
        kind, host, port = FILTERS.get(parts.scheme), parts.hostname, parts.port
    except ValueError:
        raise NoAnswer from None
    if kind is None or not host:
        raise NoAnswer
    found: Verdict = kind.ask(host, port or kind.PORT, mail.source, sender=mail.sender, recipient=mail.recipient)
    return found
