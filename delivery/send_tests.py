"""A test: the real message, with all its headers and links, to one address. Only its effects are none: its links show
what they would do, nothing is counted or reported, and who gets it becomes no contact."""

from django.utils.translation import gettext as _

from accounts.models import Workspace
from contacts.segments.audience import Audience
from delivery import batching
from delivery.composing import Content
from delivery.models import Batch, ProviderAccount, Sender
from templates_app.models import MessageTemplate


def send_test(
    *,
    name: str,
    subject: str,
    template: MessageTemplate,
    sender: Sender,
    account: ProviderAccount,
    to: str,
    as_contact: int | None = None,
    preheader: str = "",
    workspace: Workspace,
) -> Batch:
    """Open a batch of one message, filled in as the contact with the id `as_contact`, else as the tester's own."""
    content = Content(
        subject=f"[{_('Test')}] {subject}",
        preheader=preheader,
        html=template.html,
        text=template.text_part,
        from_name=sender.name,
        from_email=sender.email,
        reply_to=sender.reply_to,
        postal_address=workspace.postal_line,
        tracks_opens=workspace.tracks_opens,
        list_name=workspace.name,
        to=to,
        as_contact=as_contact,
    )
    return batching.open_batch(
        name=name,
        content=content,
        account=account,
        audience=Audience(),
        purpose=Batch.Purpose.TEST,
    )
