from operator import itemgetter

from django.http import HttpResponse
from django.shortcuts import render

from accounts import audit_names
from accounts.access import access
from accounts.audit_words import DEEDS
from accounts.models import AuditEntry
from accounts.requests import WorkspaceRequest
from kernel import parameters
from kernel.pagination import paginate


@access("audit.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    entries = AuditEntry.objects.select_related("actor")
    verb, actor = parameters.text(request.GET, "verb", 60), parameters.number(request.GET, "member")
    if verb:
        entries = entries.filter(verb__startswith=verb)
    if actor is not None:
        entries = entries.filter(actor_id=actor)
    page = paginate(entries, cursor=parameters.cursor(request.GET))
    audit_names.add(page.rows)
    context = {
        "page": page,
        "people": request.workspace.memberships.select_related("user"),
        "verb": verb,
        "deeds": sorted(((verb, str(text)) for verb, text in DEEDS.items()), key=itemgetter(1)),
        "actor": actor,
    }
    return render(request, "accounts/audit/index.html", context)
