"""What the operator's spam filter says of a template: a row of the checks."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import access
from accounts.requests import WorkspaceRequest
from delivery.spam_filters import asking
from delivery.spam_filters.verdict import NoAnswer
from kernel import throttle
from kernel.http import own_transactions
from kernel.tenancy import scope
from templates_app.merging import MergeError
from templates_app.models import MessageTemplate


@require_POST
@own_transactions
@access("templates.edit")
def show(request: WorkspaceRequest, pk: int) -> HttpResponse:
    if not asking.is_on():
        raise Http404
    most = settings.SPAM_CHECKS_PER_HOUR
    with scope(request.workspace):
        template = get_object_or_404(MessageTemplate.objects.present(), pk=pk)
        if not throttle.take("spam checks", str(request.workspace.pk), most=most, seconds=3600):
            return _row(request, problem=_("Too many questions in the last hour. Try again later."))
        try:
            mail = asking.message(template, request.workspace)
        except MergeError:
            return _row(request, problem=_("The message can't be made yet."))
    try:
        return _row(request, verdict=asking.ask(mail))
    except NoAnswer:
        return _row(request, problem=_("The spam filter gives no answer."))


def _row(request: WorkspaceRequest, **context: object) -> HttpResponse:
    return render(request, "delivery/spam_score.html", context)
