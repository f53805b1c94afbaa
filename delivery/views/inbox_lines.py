"""How a message looks in the lists of mailboxes, before it is opened."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.access import access
from accounts.requests import WorkspaceRequest
from delivery import inbox_lines
from delivery.models import Sender
from kernel import parameters
from templates_app.models import MessageTemplate
from templates_app.views.previews import chosen_contact

MOST = 250  # characters


@require_safe
@access("templates.view")
def show(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Of a template, with a subject, preview text and sender that are being tried."""
    template = get_object_or_404(MessageTemplate.objects.present(), pk=pk)
    senders = Sender.objects.present().filter(channel=template.channel)
    chosen = parameters.number(request.GET, "sender")
    sender = senders.filter(pk=chosen).first() if chosen is not None else senders.first()
    line = inbox_lines.inbox_line(
        template,
        request.workspace,
        sender=sender,
        subject=parameters.text(request.GET, "subject", MOST) or template.name,
        preheader=parameters.text(request.GET, "preheader", MOST),
        contact=chosen_contact(request),
    )
    return render(request, "delivery/inbox/_lines.html", {"line": line})
