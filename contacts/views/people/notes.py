from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.forms.people.note import NoteForm
from contacts.models import Contact, Note
from kernel.http import back_to


@require_POST
@access("contacts.edit")
def create(request: WorkspaceRequest, pk: int) -> HttpResponse:
    contact = get_object_or_404(Contact.objects.present(), pk=pk)
    form = NoteForm(request.POST, instance=Note(contact=contact, author=request.user))
    if form.is_valid():
        form.save()
        audit.record(request.actor, "note.created", form.instance, contact=contact.pk)
        messages.success(request, _("Note added."))
    else:
        messages.error(request, _("Enter a note of up to 4,000 characters."))
    return back_to(request, "contacts:show", pk=pk)


@require_POST
@access("contacts.edit")
def delete(request: WorkspaceRequest, pk: int, note: int) -> HttpResponse:
    """Members may delete their own notes; those who may delete contacts, all notes."""
    found = get_object_or_404(Note, pk=note, contact_id=pk)
    if found.author_id != request.user.pk and not request.membership.may("contacts.delete"):
        raise PermissionDenied("contacts.delete")
    audit.record(request.actor, "note.deleted", found, contact=pk)
    found.delete()
    messages.success(request, _("Note deleted."))
    return back_to(request, "contacts:show", pk=pk)
