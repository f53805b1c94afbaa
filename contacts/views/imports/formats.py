"""How an uploaded file is read: its encoding, delimiter, sheet, and whether its first row names the columns."""

import logging
from typing import IO

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.forms.imports.formats import FormatForm
from contacts.imports import stored_file, uploading
from contacts.imports.limits import Unreadable
from contacts.models import ContactImport
from kernel.files.problems import Missing, Problem
from kernel.http import back_to, own_transactions
from kernel.links import workspace_url
from kernel.tenancy import scope

log = logging.getLogger("fanfare.files")


@require_POST
@own_transactions
@access("contacts.import")
def update(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Read the file in the chosen way. Where that is not possible, the earlier way is kept."""
    with scope(request.workspace):
        contact_import = get_object_or_404(ContactImport, pk=pk)
    try:
        with stored_file.fetched(contact_import) as file, scope(request.workspace):
            return _read_again(request, pk, file)
    except Missing:
        messages.error(request, _("This file is no longer available. Upload it again."))
    except Problem as problem:
        log.error("The file of import %d could not be fetched: %s", pk, problem)
        messages.error(request, _("This file can't be read at the moment. Try again in a few minutes."))
    return _back(request, pk)


def _read_again(request: WorkspaceRequest, pk: int, file: IO[bytes] | None) -> HttpResponse:
    contact_import = get_object_or_404(ContactImport.objects.select_for_update(), pk=pk)
    if contact_import.state != ContactImport.State.UPLOADED:
        return back_to(request, "contacts:import", pk=pk)
    form = FormatForm(request.POST, contact_import=contact_import)
    try:
        if form.is_valid():
            uploading.read_again(contact_import, form.cleaned_data, file)
            audit.record(request.actor, "import.read_again", contact_import)
    except Unreadable as problem:
        form.add_error(None, str(problem))
    for problems in form.errors.values():
        messages.error(request, str(problems[0]))
    return _back(request, pk)


def _back(request: WorkspaceRequest, pk: int) -> HttpResponse:
    return redirect(workspace_url(request.workspace, "contacts:import", pk=pk) + "?columns=1")
