"""A test: one message to one address, filled in as a chosen contact, outside every report and every consent check."""

from contacts.models import Contact
from contacts.segments.audience import Audience
from delivery import batching
from delivery.composing import Content
from delivery.models import Batch, ProviderAccount, Sender


def send_test(
    *,
    name: str,
    subject: str,
    template,
    sender: Sender,
    account: ProviderAccount,
    to: str,
    as_contact: int | None = None,
    preheader: str = "",
    workspace,
) -> Batch:
    """Open the batch of one. An address that is no contact becomes one without consent: it gets no marketing by it."""
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
