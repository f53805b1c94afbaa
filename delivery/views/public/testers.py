"""The page on which the owner of an address agrees to get tests, or ends it. GET changes nothing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import actors, audit
from accounts.models import Workspace
from contacts.views.public.visiting import for_visitors, message_page, read_token, workspace_of
from delivery import testers
from delivery.models import Tester
from kernel import parameters
from kernel.mailboxes import mask
from kernel.tenancy import scope


@for_visitors
def show(request: HttpRequest, token: str) -> HttpResponse:
    workspace_id, tester_id = read_token(testers.LINK, token, 2)
    workspace = workspace_of(workspace_id)
    with translation.override(workspace.language), scope(workspace):
        tester = Tester.objects.select_for_update(of=("self",)).filter(pk=tester_id).first()
        if tester is None or (tester.confirmed_at is None and not tester.is_open):
            return message_page(request, workspace, title=_("This link has expired"), status=410)
        if request.method == "POST":
            if parameters.text(request.POST, "action") == "stop":
                return _stop(request, workspace, tester)
            _confirm(tester)
        context = {"sender": workspace, "tester": tester, "masked": mask(tester.email)}
        return render(request, "delivery/public/tester.html", context)


def _confirm(tester: Tester) -> None:
    if tester.confirmed_at is None:
        tester.confirmed_at = timezone.now()
        tester.save(update_fields=["confirmed_at"])
        audit.record(actors.SYSTEM, "tester.confirmed", tester)


def _stop(request: HttpRequest, workspace: Workspace, tester: Tester) -> HttpResponse:
    audit.record(actors.SYSTEM, "tester.stopped", tester)
    testers.forget(tester)
    text = _("%(workspace)s can't send test messages to this address any more.") % {"workspace": workspace.name}
    return message_page(request, workspace, title=_("You won't get test messages"), text=text)
