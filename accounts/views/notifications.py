from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access import access
from accounts.models import Notification
from accounts.requests import WorkspaceRequest
from kernel import parameters
from kernel.http import back_to
from kernel.pagination import paginate


@access("workspace.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    page = paginate(Notification.objects.of(request.user), cursor=parameters.cursor(request.GET))
    return render(request, "accounts/notifications/index.html", {"page": page})


@require_POST
@access("workspace.view")
def read_all(request: WorkspaceRequest) -> HttpResponse:
    Notification.objects.of(request.user).unread().update(read_at=timezone.now())
    return back_to(request, "notifications:index")


@access("workspace.view")
def bell(request: WorkspaceRequest) -> HttpResponse:
    """The bell alone, polled by every page."""
    return render(request, "accounts/notifications/_bell.html")
