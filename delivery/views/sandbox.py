"""What the sandbox kept. Messages have links that act for the person who gets them, so members see those links only if
they may do the same themselves; a service mail consists of such links."""

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.access import access
from accounts.requests import WorkspaceRequest
from delivery import registry
from delivery.channels.channel import Shown
from delivery.models import Batch, CapturedMessage
from kernel import parameters
from kernel.links import without_keys
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


def _shown(request: WorkspaceRequest, pk: int) -> tuple[CapturedMessage, Shown]:
    captured = get_object_or_404(_visible(request).select_related("batch"), pk=pk)
    return captured, registry.channel(captured.batch.channel).show(captured)


def _readable(request: WorkspaceRequest, text: str) -> str:
    return text if request.actor.may(ACT_FOR_CONTACTS) else without_keys(text)


@access("campaigns.view")
def show(request: WorkspaceRequest, pk: int) -> HttpResponse:
    captured, shown = _shown(request, pk)
    may_act = request.actor.may(ACT_FOR_CONTACTS)
    context = {
        "captured": captured,
        "shown": shown,
        "headers": [(name, _readable(request, value)) for name, value in shown.headers],
        "text": _readable(request, shown.text),
        "may_act": may_act,
        "source": bytes(captured.source).decode("utf-8", "replace")[:300_000] if may_act else "",
    }
    return render(request, "delivery/sandbox/show.html", context)


@require_safe
@access("campaigns.view")
def html(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The HTML part alone, sandboxed, for the frame of the page."""
    _captured, shown = _shown(request, pk)
    if shown.html is None:
        raise Http404
    return sandboxed(_readable(request, shown.html), framed=True)


@access(ACT_FOR_CONTACTS)
@require_safe
def source(request: WorkspaceRequest, pk: int) -> HttpResponse:
    captured, shown = _shown(request, pk)
    response = HttpResponse(bytes(captured.source), content_type=shown.source_type)
    response["Content-Disposition"] = f'attachment; filename="{shown.source_name}"'
    return response
