import email
import email.policy
import re

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.access import access
from accounts.requests import WorkspaceRequest
from delivery.models import CapturedMessage
from kernel.links import absolute
from kernel.pagination import paginate
from templates_app.previewing import sandboxed


@access("campaigns.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    messages = CapturedMessage.objects.defer("source")
    batch, recipient = request.GET.get("batch", ""), request.GET.get("q", "").strip().lower()
    if batch.isdigit():
        messages = messages.filter(batch_id=int(batch))
    if recipient:
        messages = messages.filter(recipient__gte=recipient, recipient__lt=recipient + "\U0010ffff")
    context = {"page": paginate(messages, cursor=request.GET.get("cursor")), "q": recipient, "batch": batch}
    return render(request, "delivery/sandbox/index.html", context)


def _parsed(pk: int):
    captured = get_object_or_404(CapturedMessage, pk=pk)
    return captured, email.message_from_bytes(bytes(captured.source), policy=email.policy.default)


@access("campaigns.view")
def show(request: WorkspaceRequest, pk: int) -> HttpResponse:
    captured, message = _parsed(pk)
    text = message.get_body(("plain",))
    context = {
        "captured": captured,
        "headers": list(message.items()),
        "text": text.get_content() if text else "",
        "source": bytes(captured.source).decode("utf-8", "replace")[:300_000],
    }
    return render(request, "delivery/sandbox/show.html", context)


@require_safe
@access("campaigns.view")
def html(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The HTML part alone, sandboxed, for the frame of the page. Without the pixel: looking at it here is no open."""
    _captured, message = _parsed(pk)
    body = message.get_body(("html",))
    if body is None:
        raise Http404
    pixel = rf'<img src="{re.escape(absolute("/o/"))}[^>]*>'
    return sandboxed(re.sub(pixel, "", body.get_content()), framed=True)


@require_safe
@access("campaigns.view")
def source(request: WorkspaceRequest, pk: int) -> HttpResponse:
    captured = get_object_or_404(CapturedMessage, pk=pk)
    response = HttpResponse(bytes(captured.source), content_type="message/rfc822")
    response["Content-Disposition"] = f'attachment; filename="message-{captured.pk}.eml"'
    return response
