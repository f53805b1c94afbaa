"""What the sandbox kept. Messages have links that act for the person who gets them, so members see those links only if
they may do the same themselves; a service mail consists of such links."""

import email
import email.policy
import re

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.access import access
from accounts.requests import WorkspaceRequest
from delivery.models import Batch, CapturedMessage
from kernel import parameters
from kernel.links import absolute, without_keys
from kernel.pagination import paginate
from templates_app.previewing import sandboxed

# Confirm, change preferences, download a person's data, erase: what the links of service mails do.
ACT_FOR_CONTACTS = "contacts.delete"


@access("campaigns.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    messages = _visible(request).defer("source")
    batch, recipient = parameters.number(request.GET, "batch"), parameters.text(request.GET, "q", 254).lower()
    if batch is not None:
        messages = messages.filter(batch_id=batch)
    if recipient:
        messages = messages.filter(recipient__gte=recipient, recipient__lt=recipient + "\U0010ffff")
    context = {"page": paginate(messages, cursor=parameters.cursor(request.GET)), "q": recipient, "batch": batch}
    return render(request, "delivery/sandbox/index.html", context)


def _visible(request: WorkspaceRequest) -> QuerySet[CapturedMessage]:
    if request.actor.may(ACT_FOR_CONTACTS):
        return CapturedMessage.objects.all()
    return CapturedMessage.objects.exclude(batch__purpose=Batch.Purpose.SERVICE)


def _parsed(request: WorkspaceRequest, pk: int):
    captured = get_object_or_404(_visible(request), pk=pk)
    return captured, email.message_from_bytes(bytes(captured.source), policy=email.policy.default)


def _readable(request: WorkspaceRequest, text: str) -> str:
    return text if request.actor.may(ACT_FOR_CONTACTS) else without_keys(text)


@access("campaigns.view")
def show(request: WorkspaceRequest, pk: int) -> HttpResponse:
    captured, message = _parsed(request, pk)
    text = message.get_body(("plain",))
    may_act = request.actor.may(ACT_FOR_CONTACTS)
    context = {
        "captured": captured,
        "headers": [(name, _readable(request, str(value))) for name, value in message.items()],
        "text": _readable(request, text.get_content()) if text else "",
        "may_act": may_act,
        "source": bytes(captured.source).decode("utf-8", "replace")[:300_000] if may_act else "",
    }
    return render(request, "delivery/sandbox/show.html", context)


@require_safe
@access("campaigns.view")
def html(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The HTML part alone, sandboxed, for the frame of the page. Without the pixel: looking at it here is no open."""
    _captured, message = _parsed(request, pk)
    body = message.get_body(("html",))
    if body is None:
        raise Http404
    address = re.escape(absolute("/o/"))
    pixel = rf"""<img src="{address}[^>]*>|<div style="background-image:url\('{address}[^>]*></div>"""
    return sandboxed(_readable(request, re.sub(pixel, "", body.get_content())), framed=True)


@access(ACT_FOR_CONTACTS)
@require_safe
def source(request: WorkspaceRequest, pk: int) -> HttpResponse:
    captured = get_object_or_404(CapturedMessage, pk=pk)
    response = HttpResponse(bytes(captured.source), content_type="message/rfc822")
    response["Content-Disposition"] = f'attachment; filename="message-{captured.pk}.eml"'
    return response
