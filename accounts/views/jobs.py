from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.access import access
from accounts.models import Job
from accounts.requests import WorkspaceRequest
from kernel import parameters
from kernel.pagination import paginate


@access("workspace.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    page = paginate(Job.objects.select_related("owner"), cursor=parameters.cursor(request.GET))
    return render(request, "accounts/jobs/index.html", {"page": page})


@access("workspace.view")
def show(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """One job's progress: a fragment that polls until the job has ended, then leads to the result."""
    return render(request, "accounts/jobs/_progress.html", {"job": get_object_or_404(Job, pk=pk)})
