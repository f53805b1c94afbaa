"""Replacing a picture everywhere: the templates first, then the new file."""

import logging
from typing import Any

from django.contrib import messages
from django.core.files import File
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import access
from accounts.requests import WorkspaceRequest
from kernel.files import problems
from kernel.http import back_to, own_transactions
from kernel.tenancy import scope
from templates_app.forms.picture import ReplaceForm
from templates_app.models import LARGE, Picture
from templates_app.pictures import replacing
from templates_app.pictures.decoding import MAX_BYTES, MAX_MB, Refused

log = logging.getLogger("fanfare.files")


@own_transactions
@access("templates.edit")
def create(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Show which templates change, and replace the picture in all of them."""
    form = ReplaceForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _replace(request, pk, form.cleaned_data["picture"], form.cleaned_data["seen"])
        except replacing.Changed:
            text = _("More templates show this picture by now. Look at the list, then choose the file again.")
            form.add_error(None, text)
        except (Refused, problems.Full) as problem:
            form.add_error("picture", str(problem))
        except problems.Problem as problem:
            log.error("A picture could not be replaced: %s", problem)
            form.add_error("picture", _("Files can't be stored at the moment. Try again in a few minutes."))
    with scope(request.workspace):
        picture = get_object_or_404(Picture.objects.present(), pk=pk)
        return render(request, "templates_app/pictures/replace.html", _context(picture, form))


def _replace(request: WorkspaceRequest, pk: int, file: File, seen: set[int]) -> HttpResponse:
    changed = replacing.replace(request.workspace, pk, file, actor=request.actor, user=request.user, seen=seen)
    n = len(changed)
    text = ngettext("Picture replaced in %(n)d template.", "Picture replaced in %(n)d templates.", n) % {"n": n}
    if not n:
        text = _("Picture replaced.")
    with scope(request.workspace):
        messages.success(request, f"{text} " + _("Does its alt text still say what it shows?"))
        return back_to(request, "templates:picture", pk=pk)


def _context(picture: Picture, form: ReplaceForm) -> dict[str, Any]:
    templates = list(replacing.affected(picture).defer(*LARGE))
    return {
        "picture": picture,
        "form": form,
        "seen": ",".join(str(template.pk) for template in templates),
        "templates": sorted(templates, key=lambda template: template.name.casefold()),
        "most_bytes": MAX_BYTES,
        "most_mb": MAX_MB,
    }
