from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.models import Contact
from delivery.models import Message
from delivery.models.message import reason_text


@access("contacts.view")
def of_contact(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The messages of one contact and of those merged into it, newest first: a fragment of the contact's page."""
    contact = get_object_or_404(Contact, pk=pk)
    rows = Message.objects.filter(contact__in=contact.ids_of_person).select_related("batch").order_by("-batch_id")[:50]
    context = {"messages_of": [(row, reason_text(row.reason)) for row in rows]}
    return render(request, "delivery/activity/_of_contact.html", context)
