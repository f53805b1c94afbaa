"""Whether the links of a template answer: on demand, one link a request, so that nobody waits for all of them."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import access
from accounts.requests import WorkspaceRequest
from kernel import parameters, throttle, web_client
from kernel.http import own_transactions
from kernel.tenancy import scope
from templates_app.checks import links
from templates_app.checks import message as messages
from templates_app.checks.finding import Place
from templates_app.models import MessageTemplate

MOST = 50  # links of a message
SECONDS = 6.0  # for one
#: Servers that are there but tell a stranger to log in, to go slower, or that they like browsers only.
ANSWERING = frozenset({401, 402, 403, 405, 406, 429, 451, 999})


@require_POST
@own_transactions
@access("templates.edit")
def check(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Try link number `n` and say how to go on. `bad` is how many did not answer before."""
    n, bad = parameters.number(request.POST, "n") or 0, parameters.number(request.POST, "bad") or 0
    with scope(request.workspace):
        template = get_object_or_404(MessageTemplate.objects.present(), pk=pk)
        targets = list(links.targets(messages.of_template(template, request.workspace)).items())[:MOST]
        most = settings.LINK_CHECKS_PER_HOUR
        if n < len(targets) and not throttle.take("link checks", str(request.workspace.pk), most=most, seconds=3600):
            problem = _("Enough links were tried in the last hour. Try again later.")
            return render(request, "templates_app/checks/_links.html", {"problem": problem})
    context = {"template": template, "total": len(targets), "n": n + 1, "bad": bad}
    if n < len(targets):
        target, place = targets[n]
        context |= _tried(target, place)
        context["bad"] = bad + bool(context["said"])
    return render(request, "templates_app/checks/_links.html", context)


def _tried(target: str, place: Place) -> dict:
    """What there is to say about a link: `said` is empty where it answers."""
    said = ""
    try:
        status = web_client.status(target, deadline=web_client.Deadline(SECONDS))
        if status in (404, 410):
            said = _("The page is not there (%(status)d).") % {"status": status}
        elif status >= 400 and status not in ANSWERING:
            said = _("The server answers with an error (%(status)d).") % {"status": status}
    except web_client.Failed as problem:
        said = str(problem)
    return {"target": messages.short(target), "place": place, "said": said}
