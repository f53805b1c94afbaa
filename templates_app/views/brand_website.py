"""The brand read from the merchant's website: an address in, a proposal out, of which what is ticked is taken."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.files.base import ContentFile
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from kernel import parameters, throttle
from kernel.files import problems
from kernel.http import back_to, own_transactions
from kernel.jobs import enqueue
from kernel.tenancy import scope
from kernel.web_client import MAX_URL, Failed
from templates_app.brand import colours
from templates_app.brand.website import reading
from templates_app.brand.website.reading import Logo, Proposal
from templates_app.forms.brand import BrandForm
from templates_app.models import Brand, Picture
from templates_app.pictures import decoding, uploading

PAGE = "templates_app/brand/website.html"
READ_AN_HOUR = 20  # by one workspace
PATIENCE = 5.0  # seconds that one waits while others read: the threads of this process answer pages, too
COLOURS = ("main", "second", "text")
_readers = threading.BoundedSemaphore(3)


@own_transactions
@access("templates.edit")
def read(request: WorkspaceRequest) -> HttpResponse:
    """Ask for the address; POST reads it and shows what it has beside what the brand has."""
    address = parameters.text(request.POST or request.GET, "address", MAX_URL)
    if request.method != "POST":
        return _asking(request, address)
    with scope(request.workspace):
        may_read = throttle.take("website", str(request.workspace.pk), most=READ_AN_HOUR, seconds=3600)
    if not may_read:
        return _asking(request, address, _("Your workspace has read many websites just now. Try again in an hour."))
    try:
        with _turn():
            proposal = reading.read(address)
        logo, shown = _first_picture(proposal, request.workspace.pk)
    except Failed as problem:
        return _asking(request, address, str(problem))
    if proposal.is_empty:
        return _asking(request, address, _("Nothing was found there: the page may be made by its scripts only."))
    with scope(request.workspace):
        return render(request, PAGE, _context(address, proposal, logo, shown))


@require_POST
@own_transactions
@access("templates.edit")
def take(request: WorkspaceRequest) -> HttpResponse:
    """Save what is ticked."""
    ticked = set(parameters.texts(request.POST, "take"))
    address = parameters.text(request.POST, "address", MAX_URL)
    if not ticked:
        return _asking(request, address, _("Nothing was ticked, so nothing has changed."))
    try:
        if "logo" in ticked:
            with _turn():
                file = _file(parameters.text(request.POST, "logo", MAX_URL))
            with uploading.received(request.workspace, file, request.user) as picture:
                is_saved = _save(request, ticked, picture)
        else:
            with scope(request.workspace):
                is_saved = _save(request, ticked, None)
    except (Failed, decoding.Refused, problems.Problem) as problem:
        return _asking(request, address, str(problem))
    if not is_saved:
        return _asking(request, address, _("Someone has changed the brand meanwhile. Read your website again."))
    messages.success(request, _("Taken from your website. Your templates follow in a moment."))
    return back_to(request, "templates:brand")


@contextmanager
def _turn() -> Iterator[None]:
    """Raises Failed where too many websites are being read by this process."""
    if not _readers.acquire(timeout=PATIENCE):
        raise Failed(_("Too many websites are being read at this moment. Try again in a minute."))
    try:
        yield
    finally:
        _readers.release()


def _first_picture(proposal: Proposal, workspace_id: int) -> tuple[Logo | None, str]:
    """The best logo that becomes a picture, and its smallest size as an address that holds it. Raises Failed."""
    for logo in proposal.logos:
        try:
            decoded = decoding.decode(ContentFile(logo.data, "logo"), workspace_id)
        except decoding.TryAgain as problem:
            raise Failed(str(problem)) from None
        except decoding.Refused:
            continue
        size = decoded.sizes[0]
        kind = "jpeg" if size.format == "jpg" else size.format
        return logo, f"data:image/{kind};base64,{base64.b64encode(size.data).decode()}"
    return None, ""


def _file(address: str) -> ContentFile:
    name = PurePosixPath(urlsplit(address).path).name or "logo"
    return ContentFile(reading.read_logo(address), name)


def _save(request: WorkspaceRequest, ticked: set[str], logo: Picture | None) -> bool:
    """In the scope of the workspace. False where the brand is another one than the page showed."""
    brand = Brand.objects.select_for_update(of=("self",), no_key=True).first() or Brand()
    if str(brand.revision) != parameters.text(request.POST, "revision"):
        return False
    if logo is not None:
        brand.logo, brand.dark_logo = logo, None
        if not logo.is_known:
            audit.record(request.actor, "picture.uploaded", logo)
    if "name" in ticked:
        brand.name = parameters.text(request.POST, "name").translate({ord("{"): None, ord("}"): None})
    for name in COLOURS:
        if name in ticked and (colour := colours.read(parameters.text(request.POST, name))):
            setattr(brand, name, colour)
    brand.edited_by = request.user
    brand.save()
    audit.record(request.actor, "brand.changed", brand, fields=sorted(ticked & {"logo", "name", *COLOURS}))
    enqueue("templates_app.follow_brand")
    return True


def _context(address: str, proposal: Proposal, logo: Logo | None, shown: str) -> dict[str, Any]:
    brand = Brand.of_workspace()
    found = [(name, getattr(brand, name), getattr(proposal.palette, name)) for name in COLOURS]
    form = BrandForm(instance=brand)
    labels = {name: form.fields[name].label for name in COLOURS}
    return {
        "address": address,
        "proposal": proposal,
        "brand": brand,
        "logo": logo,
        "logo_shown": shown,
        "colours": [(name, labels[name], old, new) for name, old, new in found if new and new != old],
    }


def _asking(request: WorkspaceRequest, address: str, problem: str = "") -> HttpResponse:
    with scope(request.workspace):
        context = {"address": address, "problem": problem}
        return render(request, PAGE, context, status=422 if problem else 200)
