"""E-mail as a channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contacts.models import Contact
from delivery import testers
from delivery.channels.channel import Channel, Draft, L, Shown
from delivery.channels.email import capture, checks
from delivery.channels.email.bulk_compiler import BulkCompiler
from delivery.channels.email.composing import Composer, Content
from delivery.channels.email.sender_form import SenderForm
from delivery.checklist import Check
from delivery.models import Batch, CapturedMessage, Sender
from delivery.models.message import MAILBOX_REASONS
from kernel.mailboxes import mask
from templates_app.blocks import saving
from templates_app.merging import localising
from templates_app.message_links import Link


class Email(Channel):
    slug = "email"
    label = _("E-mail")
    left_text = _("You won't receive marketing e-mail from %(name)s any more.")
    leave_text = _("Stop marketing e-mail from %(name)s to %(masked)s?")
    draft_fields = ("subject", "preheader")
    soft_reasons = MAILBOX_REASONS
    sender_form = SenderForm
    identity = ("from_name", "from_email", "reply_to", "envelope_sender")
    # An address with other letters than ASCII before the @, and an account or server without SMTPUTF8.
    unreachable = """CASE WHEN %(ascii_only)s AND octet_length(c.email) <> length(c.email)
    AND split_part(c.email, '@', 1) ~ '[^ -~]' THEN 'utf8_address' END"""

    def mask(self, address: str) -> str:
        return mask(address)

    def test_recipients(self, person: User) -> list[str]:
        return testers.addresses(person)

    # --- content

    def freeze(self, draft: Draft, *, to: str = "", as_contact: int | None = None) -> Content:
        workspace, sender = draft.workspace, draft.sender
        assert sender is not None  # noqa: S101  (the checks say so otherwise)
        return Content(
            **_parts(draft),
            translations={language: _parts(draft.in_language(language)) for language in draft.translations},
            postal_address=workspace.postal_line,
            tracks_opens=workspace.tracks_opens,
            list_name=workspace.name,
            to=to,
            as_contact=as_contact,
            from_name=sender.name,
            from_email=sender.email,
            reply_to=sender.reply_to,
            envelope_sender=sender.envelope,
            locale=localising.defaults(workspace.language, workspace.time_zone, workspace.country),
        )

    def read(self, batch: Batch) -> Content:
        return Content.of(batch)

    def links(self, content: Content) -> list[Link]:
        return content.links()

    def languages(self, content: Content) -> list[str]:
        return sorted(content.translations)

    def in_language(self, content: Content, language: str) -> Content:
        return content.in_language(language)

    def composer(
        self, workspace_id: int, batch_id: int, content: Content, *, unsubscribable: bool = True, is_test: bool = False
    ) -> Composer:
        return Composer(workspace_id, batch_id, content, unsubscribable=unsubscribable, is_test=is_test)

    def bulk_compiler(self, composer: Composer) -> BulkCompiler | None:
        return BulkCompiler(composer)

    def preview(self, composer: Composer, contact_id: int, merge_values: dict) -> str:
        return composer.html(contact_id, merge_values)

    # --- the rest

    def identity_of(self, sender: Sender) -> dict[str, str]:
        return {
            "from_name": sender.name,
            "from_email": sender.email,
            "reply_to": sender.reply_to,
            "envelope_sender": sender.envelope,
        }

    def sender_details(self, sender: Sender) -> str:
        replies = _("replies to %(address)s") % {"address": sender.reply_to} if sender.reply_to else ""
        bounces = _("bounces to %(address)s") % {"address": sender.envelope} if sender.envelope else ""
        return " · ".join(filter(None, [sender.email, replies, bounces]))

    def sender_text(self, content: Content) -> str:
        return content.from_email

    def limit_of(self, recipient: str, limits: Mapping[str, L]) -> L | None:
        """By the mailbox provider: the domain."""
        return limits.get(recipient.rpartition("@")[2])

    def checks(self, draft: Draft, recipients: Callable[[], list[Contact] | None]) -> list[Check]:
        return checks.of_draft(draft, recipients)

    def show(self, captured: CapturedMessage) -> Shown:
        return capture.show(bytes(captured.source), f"message-{captured.pk}")


def _parts(draft: Draft) -> dict[str, Any]:
    """What the draft says, without its translations: the parts of composing.PARTS."""
    template = draft.template
    assert template is not None  # noqa: S101  (the checks say so otherwise)
    saving.follow_brand(template)
    return {
        "subject": draft.subject,
        "preheader": draft.preheader,
        "html": template.html,
        "text": template.text_part,
    }


CHANNEL = Email()
