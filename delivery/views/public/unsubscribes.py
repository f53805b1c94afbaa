"""The unsubscribe page and one-click POST (RFC 8058): no cookie, no session, no redirect; GET changes nothing."""

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Workspace
from contacts.consent import preferences
from contacts.models import Consent, Contact
from contacts.views.public.visiting import for_visitors, workspace_of
from delivery import tracking, unsubscribing
from kernel import parameters
from kernel.http import client_address
from kernel.tenancy import scope

REASONS = {
    "too_many": gettext_lazy("Too many messages"),
    "not_interesting": gettext_lazy("The content isn't relevant to me"),
    "never_asked": gettext_lazy("I never signed up"),
    "other": gettext_lazy("Another reason"),
}
# Statuses of people who get nothing on the channel any more.
LEFT = (Contact.Status.UNSUBSCRIBED, Contact.Status.BOUNCED, Contact.Status.COMPLAINED)


@for_visitors
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    try:
        (workspace_id, batch_id, contact_id), is_test = tracking.read_link(token)
    except tracking.BadToken:
        raise Http404 from None
    workspace = workspace_of(workspace_id)
    with translation.override(workspace.language), scope(workspace):
        if is_test:
            return _of_test(request, workspace, token, batch_id)
        if request.method == "POST":
            return _act(request, workspace, token, batch_id, contact_id)
        return _page(request, workspace, token, batch_id, unsubscribing.reader(contact_id))


def _act(request: HttpRequest, workspace: Workspace, token: str, batch_id: int, contact_id: int) -> HttpResponse:
    """One-click POST of a mail program (multipart or urlencoded, whatever its header says), or a button of the page."""
    address = client_address(request)
    posted = _posted(request)
    action = parameters.text(posted, "action")
    if action == "come_back":
        wording = _("Resubscribed on the unsubscribe page")
        is_back = unsubscribing.come_back(batch_id, contact_id, wording=wording, address=address)
        return _page(request, workspace, token, batch_id, unsubscribing.reader(contact_id), hasty=not is_back)
    if action == "reason":
        reason = parameters.text(posted, "reason", 300)
        unsubscribing.give_reason(batch_id, contact_id, str(REASONS.get(reason, "")) or reason)
        return _page(request, workspace, token, batch_id, unsubscribing.reader(contact_id), thanks=True)
    one_click = "List-Unsubscribe" in posted
    source = Consent.Source.ONE_CLICK if one_click else Consent.Source.PAGE
    unsubscribing.unsubscribe(batch_id, contact_id, source=source, address=address)
    if one_click:
        return HttpResponse(_("You're unsubscribed."), content_type="text/plain; charset=utf-8")
    return _page(request, workspace, token, batch_id, unsubscribing.reader(contact_id))


def _posted(request: HttpRequest) -> QueryDict:
    """The fields of the form. A body that can't be read as its header says (multipart without a boundary, for
    instance) is a mail program's one-click: our own pages post what can be read."""
    body = request.body  # read first: after the parser failed it is lost
    try:
        return request.POST
    except (MultiPartParserError, BadRequest):
        return QueryDict("List-Unsubscribe=One-Click" if b"List-Unsubscribe" in body else "")


def _of_test(request: HttpRequest, workspace: Workspace, token: str, batch_id: int) -> HttpResponse:
    """What the reader of the real message would see, for an invented contact. Nothing is written."""
    posted = _posted(request) if request.method == "POST" else QueryDict()
    action = parameters.text(posted, "action")
    if "List-Unsubscribe" in posted and not action:
        return HttpResponse(_("This was a test: nothing has changed."), content_type="text/plain; charset=utf-8")
    contact = preferences.invented_person(workspace)
    if request.method == "POST" and action != "come_back":
        setattr(contact, unsubscribing.channel_of(batch_id).status_column, Contact.Status.UNSUBSCRIBED)
    return _page(request, workspace, token, batch_id, contact, thanks=action == "reason", is_test=True)


def _page(
    request: HttpRequest,
    workspace: Workspace,
    token: str,
    batch_id: int,
    contact: Contact | None,
    *,
    thanks: bool = False,
    is_test: bool = False,
    hasty: bool = False,
) -> HttpResponse:
    channel = unsubscribing.channel_of(batch_id)
    status = channel.status_of(contact) if contact else Contact.Status.UNSUBSCRIBED
    address = channel.address_of(contact) if contact else ""
    masked = channel.mask(address) if address else ""
    context = {
        "is_test": is_test,
        "left": str(channel.left_text) % {"name": workspace.name},
        "leave": str(channel.leave_text) % {"name": workspace.name, "masked": masked},
        "status": status,
        "is_out": status in LEFT,
        "hasty": hasty and contact is not None and status == Contact.Status.UNSUBSCRIBED,
        "sender": workspace,
        "contact": contact,
        "masked": masked,
        "preferences": preferences.link_of_message(token) if contact else "",
        "reasons": REASONS.items(),
        "thanks": thanks,
    }
    return render(request, "delivery/public/unsubscribe.html", context)
