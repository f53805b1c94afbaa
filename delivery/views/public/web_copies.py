"""A campaign's message in a browser: the merchant's HTML, sandboxed by a policy of its own.

No service mail: its links are for its reader only, and the address of this page is forwarded with each message."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Workspace
from contacts.models import Contact
from contacts.views.public.visiting import message_page, workspace_of
from delivery import registry, tracking
from delivery.models import Batch, Message
from kernel.http import public
from kernel.tenancy import scope
from templates_app.previewing import sandboxed


@public
@require_safe
@never_cache
def show(request: HttpRequest, token: str) -> HttpResponse:
    try:
        (workspace_id, batch_id, contact_id), is_test = tracking.read_link(token)
    except tracking.BadToken:
        raise Http404 from None
    if is_test:
        return _of_test(request, workspace_of(workspace_id))
    with scope(workspace_id):
        batch = Batch.objects.select_related("content").filter(pk=batch_id, purpose=Batch.Purpose.MARKETING).first()
        contact = Contact.objects.filter(pk=contact_id).first()
        if batch is None or batch.content is None or contact is None:
            raise Http404
        channel = registry.channel(batch.channel)
        prepared = channel.read(batch).prepared(is_tracked=True)
        language = Message.objects.filter(batch=batch, contact=contact).values_list("language", flat=True).first()
        composer = channel.composer(workspace_id, batch_id, channel.in_language(prepared, language or ""))
        page = channel.preview(composer, contact_id, contact.merge_values())
        if not page:
            raise Http404
        response = sandboxed(page, framed=False)
        response["X-Robots-Tag"] = "noindex"  # the address is one person's
        return response


def _of_test(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    with translation.override(workspace.language):
        text = _("In the real message, this link shows the message in the browser. A test has no such page.")
        return message_page(request, workspace, title=_("This was a test"), text=text, status=404)
