"""How an uploaded file is read: its encoding, delimiter, sheet, and whether its first row names the columns."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.forms.imports.formats import FormatForm
from contacts.imports import uploading
from contacts.imports.limits import Unreadable
from contacts.models import ContactImport
from kernel.http import back_to
from kernel.links import workspace_url


@require_POST
@access("contacts.import")
def update(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Read the file in the chosen way. Where that is not possible, the earlier way is kept."""
    contact_import = get_object_or_404(ContactImport.objects.select_for_update(), pk=pk)
    if contact_import.state != ContactImport.State.UPLOADED:
        return back_to(request, "contacts:import", pk=pk)
    form = FormatForm(request.POST, contact_import=contact_import)
    try:
        if form.is_valid():
            uploading.read_again(contact_import, form.cleaned_data)
            audit.record(request.actor, "import.read_again", contact_import)
    except Unreadable as problem:
        form.add_error(None, str(problem))
    for problems in form.errors.values():
        messages.error(request, str(problems[0]))
    return redirect(workspace_url(request.workspace, "contacts:import", pk=pk) + "?columns=1")
