"""A test: one message to one address, with the values of a chosen contact, in no report and without a consent check."""

from accounts.models import Workspace
from contacts.models import Contact
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
    """Open a batch of one message. An unknown address becomes a contact without consent, so it gets no marketing."""
    contact, _created = Contact.objects.get_or_create(email=to.lower(), defaults={"source": "test"})
    content = Content(
        subject=subject,
        preheader=preheader,
        html=template.html,
        text=template.text_part,
        from_name=sender.name,
        from_email=sender.email,
        reply_to=sender.reply_to,
        postal_address=workspace.postal_line,
        tracks_opens=False,
        to=to,
        as_contact=as_contact,
    )
    return batching.open_batch(
        name=name,
        content=content,
        account=account,
        audience=Audience(contact_ids=(contact.pk,)),
        purpose=Batch.Purpose.TEST,
    )
