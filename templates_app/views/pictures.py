"""The library of pictures: a page to manage them, and a dialog in which a form's picture is chosen."""

import logging
from typing import Any

from django.contrib import messages
from django.core.files import File
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from accounts.access import access
from accounts.discarding import discard_on_page
from accounts.requests import WorkspaceRequest
from kernel import parameters
from kernel.files import problems
from kernel.http import back_to, own_transactions
from kernel.pagination import paginate
from kernel.tenancy import scope
from templates_app.forms.picture import PictureForm, UploadForm
from templates_app.models import Picture
from templates_app.models.picture import fetch_files
from templates_app.pictures import library, storage, uploading, uses
from templates_app.pictures.decoding import MAX_BYTES, MAX_MB, Refused, TryAgain

log = logging.getLogger("fanfare.files")

FOLDER = "templates_app/pictures"
FIELD_ID = "picture_%s"  # the dialog's fields stand beside those of any form


@require_safe
@access("templates.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    """The library. For a search, its pictures alone."""
    context = _library(request)
    if request.htmx:
        return render(request, f"{FOLDER}/_found.html", context)
    return render(request, f"{FOLDER}/index.html", context)


@require_safe
@access("templates.view")
def choose(request: WorkspaceRequest) -> HttpResponse:
    """The library as a dialog: static/js/pictures.js fetches it and says what was chosen (`fanfare:picture`)."""
    return render(request, f"{FOLDER}/_dialog.html", _library(request) | {"choosing": True})


def _library(request: WorkspaceRequest) -> dict[str, Any]:
    query = parameters.text(request.GET, "q")
    which = parameters.text(request.GET, "show")
    which = which if which in library.FILTERS else ""
    page = paginate(library.found(which, query), cursor=parameters.cursor(request.GET))
    fetch_files(page.rows)
    return {
        "page": page,
        "q": query,
        "which": which,
        "filters": library.filters(which),
        "used": storage.used_bytes(request.workspace.pk),
        "most": storage.most_bytes(),
        "most_mb": MAX_MB,
        "most_bytes": MAX_BYTES,
        "choosing": "choosing" in request.GET,
    }


@require_safe
@access("templates.view")
def show(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """What is known of a picture, beside the library; and the page of the library where this is opened by itself."""
    picture = get_object_or_404(Picture.objects.present(), pk=pk)
    if request.htmx:
        context = _detail(picture) | {"choosing": "choosing" in request.GET}
        return render(request, f"{FOLDER}/_detail.html", context)
    return render(request, f"{FOLDER}/index.html", _library(request) | _detail(picture))


def _detail(picture: Picture, form: PictureForm | None = None) -> dict[str, Any]:
    form = form or PictureForm(instance=picture, auto_id=FIELD_ID)
    return {
        "picture": picture,
        "form": form,
        "templates": uses.templates_of(picture),
        "is_logo": bool(uses.brand_names(picture)),
    }


@require_POST
@access("templates.edit")
def edit(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Save name and alt text. Templates keep the alt text they were given."""
    picture = get_object_or_404(Picture.objects.present().select_for_update(), pk=pk)
    form = PictureForm(request.POST, instance=picture, auto_id=FIELD_ID)
    if form.is_valid() and form.has_changed():
        form.save()
        audit.record(request.actor, "picture.changed", picture)
    if not request.htmx:
        if not form.is_valid():
            return render(request, f"{FOLDER}/index.html", _library(request) | _detail(picture, form))
        messages.success(request, _("Picture saved."))
        return back_to(request, "templates:picture", pk=picture.pk)
    context = _detail(picture, form) | {"choosing": "choosing" in request.GET, "saved": form.is_valid()}
    return render(request, f"{FOLDER}/_detail.html", context)


@require_POST
@access("templates.edit")
def delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Move a picture that no template shows to the trash. Sent messages keep showing it."""
    picture = get_object_or_404(Picture.objects.present().select_for_update(), pk=pk)
    if discard_on_page(request, picture, "picture.deleted", _("Picture deleted.")):
        return back_to(request, "templates:pictures")
    return back_to(request, "templates:picture", pk=pk)


@require_POST
@own_transactions
@access("templates.edit")
def upload(request: WorkspaceRequest) -> HttpResponse:
    """Take one or several pictures, each by itself: what is wrong with one says its own tile, and the others are there.
    With HTMX's header the answer is a tile for each file; 503 where one should be tried again."""
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        text = " ".join(str(problem) for found in form.errors.values() for problem in found)
        return _refused_upload(request, text)
    outcomes = [_receive(request, file) for file in form.cleaned_data["pictures"]]
    if request.htmx:
        status = 503 if any(outcome.get("again") for outcome in outcomes) else 200
        with scope(request.workspace):
            context = _library(request) | {"outcomes": outcomes}
            return render(request, f"{FOLDER}/_uploaded.html", context, status=status)
    _tell(request, outcomes)
    return back_to(request, "templates:pictures")


def _refused_upload(request: WorkspaceRequest, text: str) -> HttpResponse:
    if request.htmx:
        with scope(request.workspace):
            context = _library(request) | {"outcomes": [{"problem": text}]}
            return render(request, f"{FOLDER}/_uploaded.html", context)
    messages.error(request, text)
    return back_to(request, "templates:pictures")


def _receive(request: WorkspaceRequest, file: File) -> dict[str, Any]:
    """{"picture"}, or {"name", "problem"} with a sentence and "again" where it may pass."""
    name = uploading.name_of(file)
    try:
        with uploading.received(request.workspace, file, request.user) as picture:
            if not picture.is_known:
                audit.record(request.actor, "picture.uploaded", picture)
        return {"picture": picture, "name": name}
    except TryAgain as problem:
        return {"name": name, "problem": str(problem), "again": True}
    except (Refused, problems.Full) as problem:
        return {"name": name, "problem": str(problem)}
    except problems.Problem as problem:
        log.error("A picture could not be kept: %s", problem)
        return {"name": name, "problem": _("Files can't be stored at the moment. Try again in a few minutes.")}


def _tell(request: WorkspaceRequest, outcomes: list[dict[str, Any]]) -> None:
    n = sum("picture" in outcome and not outcome["picture"].is_known for outcome in outcomes)
    if n:
        messages.success(request, ngettext("%(n)d picture added.", "%(n)d pictures added.", n) % {"n": n})
    for outcome in outcomes:
        if "problem" in outcome:
            messages.error(request, f"{outcome['name']}: {outcome['problem']}")
        elif outcome["picture"].is_known:
            messages.info(request, _("“%(name)s” is in the library already.") % {"name": outcome["picture"].name})
