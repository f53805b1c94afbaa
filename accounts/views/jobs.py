from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

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
    """One job's progress, as a fragment that polls. When the job has ended, the page of its result is loaded as a
    whole, because it has another heading and other buttons then."""
    job = get_object_or_404(Job, pk=pk)
    if request.htmx and job.path and not job.is_open:
        return redirect(job.path)
    return render(request, "accounts/jobs/_progress.html", {"job": job})
