"""A campaign's message in a browser: the merchant's HTML, sandboxed by a policy of its own.

No service mail: its links are for its reader only, and the address of this page is forwarded with each message."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from contacts.models import Contact
from delivery import composing, tracking
from delivery.models import Batch
from kernel.http import public
from kernel.tenancy import scope
from templates_app.previewing import sandboxed


@public
@require_safe
@never_cache
def show(request: HttpRequest, token: str) -> HttpResponse:
    try:
        workspace_id, batch_id, contact_id = tracking.read("message", token)
    except tracking.BadToken:
        raise Http404 from None
    with scope(workspace_id):
        batch = Batch.objects.filter(pk=batch_id, purpose=Batch.Purpose.MARKETING).first()
        contact = Contact.objects.filter(pk=contact_id).first()
        if batch is None or contact is None:
            raise Http404
        composer = composing.Composer(workspace_id, batch_id, composing.Content(**batch.content))
        return sandboxed(composer.html(contact_id, contact.merge_values()), framed=False)
