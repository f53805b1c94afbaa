from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import access
from accounts.models import AuditEntry
from accounts.requests import WorkspaceRequest
from kernel.pagination import paginate


@access("audit.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    entries = AuditEntry.objects.select_related("actor")
    verb, actor = request.GET.get("verb", "").strip(), request.GET.get("member", "")
    if verb:
        entries = entries.filter(verb__startswith=verb[:60])
    if actor.isdigit():
        entries = entries.filter(actor_id=int(actor))
    context = {
        "page": paginate(entries, cursor=request.GET.get("cursor")),
        "people": request.workspace.memberships.select_related("user"),
        "verb": verb,
        "actor": actor,
    }
    return render(request, "accounts/audit/index.html", context)
