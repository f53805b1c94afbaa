"""Mails that a person asked for: to confirm a sign-up, to change preferences. Each is a batch of one message that needs
no marketing consent, is not tracked, and contains only what was asked for."""

from __future__ import annotations

import re

from django.template.loader import render_to_string
from django.utils import translation

from contacts.models import Contact
from contacts.segments.audience import Audience
from delivery import batching, tracking
from delivery.channels.email import composing
from delivery.models import Batch, ProviderAccount, Sender
from templates_app.blocks import branding
from templates_app.merging import spintax

LIQUID = re.compile(r"\{[{%]")
MARK = re.compile("\ue000([a-z_]+)\ue001")


class NoSender(Exception):
    """Raised if the workspace has no sender, or no default provider account."""


def send(
    template: str,
    contact: Contact,
    *,
    name: str,
    subject: str,
    language: str,
    personal: dict[str, str],
    **context,
) -> str:
    """Open the batch, in the active scope. `template` is a folder in templates/emails, `context` what it says to
    everybody, `personal` what it says to this person: links and dates. The content has merge tags in their place, so
    it is stored once for all its readers. Returns the mail's reference (see reference()). Raises NoSender."""
    workspace = contact.workspace
    sender = Sender.objects.present().filter(channel=composing.Content.channel).order_by("pk").first()
    account = ProviderAccount.default_of(composing.Content.channel)
    if sender is None or account is None:
        raise NoSender(workspace.name)
    with translation.override(language):
        marks = {name: _mark(name) if value else "" for name, value in personal.items()}
        context |= {"workspace": workspace, "subject": subject, **branding.of_service_mails(workspace), **marks}
        content = composing.Content(
            subject=literal(subject),
            html=_with_tags(literal(render_to_string(f"emails/{template}/body.html", context), html=True)),
            text=_with_tags(literal(render_to_string(f"emails/{template}/body.txt", context))),
            from_name=sender.name,
            from_email=sender.email,
            reply_to=sender.reply_to,
            envelope_sender=sender.envelope,
            postal_address=workspace.postal_line,
            tracks_opens=False,
            values=personal,
        )
    batch = batching.open_batch(
        name=name,
        content=content,
        account=account,
        audience=Audience(contact_ids=(contact.pk,)),
        purpose=Batch.Purpose.SERVICE,
        source="listed",
    )
    return reference(batch, contact, account, sender.email)


def reference(batch: Batch, contact: Contact, account: ProviderAccount, sent_from: str) -> str:
    """What identifies the mail: its Message-ID; if the provider replaces that by its own, "batch id/contact id" of the
    message, whose `detail` has the provider's id."""
    if not account.kind.keeps_message_id:
        return f"{batch.pk}/{contact.pk}"
    host = composing.domain(composing.to_ascii(sent_from))
    token = tracking.sign(tracking.MESSAGE_ID, batch.workspace_id, batch.pk, contact.pk)
    return tracking.message_id(token, host)


def _mark(name: str) -> str:
    """Stands for a personal value while the template is rendered. Its characters are of no language and no markup."""
    return f"\ue000{name}\ue001"


def _with_tags(text: str) -> str:
    return MARK.sub(r"{{ \1 }}", text)


def literal(text: str, *, html: bool = False) -> str:
    """Escape the text so that the merge language prints it unchanged: names and wordings are the merchant's."""
    return spintax.escaped(LIQUID.sub(lambda match: "{{ '" + match[0] + "' }}", text), html=html)
