from typing import Any

from django.contrib import messages
from django.db.models import Exists
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.models import Workspace
from accounts.requests import WorkspaceRequest
from kernel import parameters, trash
from kernel.http import back_to
from kernel.pagination import paginate


def _filled(request: WorkspaceRequest, kinds: list[trash.Kind]) -> list[trash.Kind]:
    """The kinds that have deleted rows, found by one statement."""
    questions = {f"has_{kind.noun}": Exists(kind.rows()) for kind in kinds}
    found: dict[str, Any] = {**Workspace.objects.filter(pk=request.workspace.pk).values(**questions).get()}
    return [kind for kind in kinds if found[f"has_{kind.noun}"]]


@access("workspace.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    """The deleted rows of one kind: the chosen one, else the first kind that has deleted rows."""
    kinds = [kind for kind in trash.KINDS if request.membership.may(kind.permission)]
    filled = _filled(request, kinds)
    chosen = next(
        (kind for kind in kinds if kind.noun == parameters.text(request.GET, "of")), filled[0] if filled else None
    )
    page = paginate(chosen.rows(), order="-deleted_at", cursor=parameters.cursor(request.GET)) if chosen else None
    return render(request, "accounts/trash/index.html", {"kinds": filled, "chosen": chosen, "page": page})


@require_POST
@access("workspace.view")
def restore(request: WorkspaceRequest, noun: str, pk: int) -> HttpResponse:
    kind = trash.KINDS.get(noun)
    if kind is None or not request.membership.may(kind.permission):
        raise Http404
    row = get_object_or_404(kind.rows().select_for_update(of=("self",)), pk=pk)
    try:
        row.restore()
    except trash.NameTaken:
        text = _("The name “%(name)s” is now used by something else. Rename that first, then restore this one.")
        messages.error(request, text % {"name": row})
        return back_to(request, "trash:index")
    audit.record(request.actor, f"{noun}.restored", row)
    messages.success(request, _("“%(name)s” has been restored.") % {"name": row})
    return back_to(request, kind.page)
