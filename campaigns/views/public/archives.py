"""The archive's pages, for everybody. Each answer is the same for all who ask, so proxies may keep it; they ask whether
it still holds, because an archive that was switched off is gone at once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag
from django.views.decorators.http import require_safe

from accounts.models import Workspace
from campaigns.archive import feed as feeds
from campaigns.archive import filing, for_nobody
from campaigns.models import Archive, ArchiveEntry
from delivery.models import Control
from kernel import parameters
from kernel.bounded_cache import BoundedCache
from kernel.http import public
from kernel.pagination import paginate
from kernel.tenancy import scope
from templates_app import previewing
from templates_app.merging import MergeError

#: HTML by what it is made of: evaluating a message may take a quarter of a second.
MADE: BoundedCache[tuple, str] = BoundedCache(16)


def of_archive(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """Declare a public view of an open archive. It gets the archive in place of slug and key."""

    @wraps(view)
    def shown(request: HttpRequest, slug: str, archive: str, **more: str) -> HttpResponse:
        workspace = Workspace.objects.filter(slug=slug).first()
        if workspace is None or _is_stopped(workspace):
            raise Http404
        with scope(workspace), timezone.override(workspace.zone), translation.override(workspace.language):
            found = Archive.objects.select_related("signup_form").filter(key=archive, is_open=True).first()
            if found is None:
                raise Http404
            found.workspace = workspace
            response = view(request, found, **more)
            if not found.is_indexed:
                response["X-Robots-Tag"] = "noindex"
            return response

    return public(require_safe(shown))


def _is_stopped(workspace: Workspace) -> bool:
    """Whether an operator has stopped this workspace."""
    return Control.in_force().filter(kind=Control.Kind.WORKSPACE, workspace=workspace).exists()


@of_archive
def index(request: HttpRequest, archive: Archive) -> HttpResponse:
    page = paginate(filing.shown(archive), order="-sent_at", cursor=parameters.cursor(request.GET))
    context = {"sender": archive.workspace, "archive": archive, "page": page, "signup": _signup(archive)}
    return _kept(request, render(request, "campaigns/public/archive.html", context))


@of_archive
def feed(request: HttpRequest, archive: Archive) -> HttpResponse:
    entries = filing.shown(archive).order_by("-sent_at", "-id")[: feeds.MOST]
    body = feeds.of_archive(archive, entries, archive.workspace.language)
    response = HttpResponse(body, content_type="application/rss+xml; charset=utf-8")
    return _kept(request, response, changed_at=archive.changed_at)


@of_archive
def show(request: HttpRequest, archive: Archive, message: str) -> HttpResponse:
    entry = _entry(archive, message)
    if entry.slug != message:
        return redirect(archive.address("newsletters:show", message=entry.slug))
    context = {"sender": archive.workspace, "archive": archive, "entry": entry, "signup": _signup(archive)}
    return _kept(request, render(request, "campaigns/public/archived_message.html", context))


@of_archive
def message(request: HttpRequest, archive: Archive, message: str) -> HttpResponse:
    """The message alone, for the frame in its page: the merchant's HTML under the policy of the web copy."""
    entry = _entry(archive, message)
    response = previewing.sandboxed(_html(archive, entry), framed=True)
    response["X-Robots-Tag"] = "noindex"  # its page is what search engines may list
    return _kept(request, response)


def _entry(archive: Archive, slug: str) -> ArchiveEntry:
    """The message at this address, whatever words stand before its key. Raises Http404."""
    key = slug.rpartition("-")[2]
    entry = filing.shown(archive).select_related("batch__content").filter(key=key).first()
    if entry is None:
        raise Http404
    return entry


def _html(archive: Archive, entry: ArchiveEntry) -> str:
    """Raises Http404 for a message that can't be made."""
    batch, signup = entry.batch, _signup(archive)
    if batch is None or batch.content is None:
        raise Http404
    page = archive.address("newsletters:show", message=entry.slug)
    made_of = (batch.pk, batch.content.hash, str(sorted(batch.parameters.items())), signup, page)
    html = MADE.get(made_of)
    if html is None:
        try:
            html = for_nobody.html_of(batch, signup=signup, page=page)
        except (MergeError, LookupError):
            raise Http404 from None
        MADE.put(made_of, html)
    return html


def _signup(archive: Archive) -> str:
    """The address of the sign-up form, if it is open."""
    form = archive.signup_form
    return form.address if form is not None and form.is_open and form.deleted_at is None else ""


def _kept(request: HttpRequest, response: HttpResponse, *, changed_at: datetime | None = None) -> HttpResponse:
    """The answer with what tells it from others, or that nothing has changed (RFC 9110, 13)."""
    etag = quote_etag(hashlib.sha256(response.content).hexdigest()[:32])
    response["ETag"], response["Cache-Control"] = etag, "public, no-cache"
    changed = int(changed_at.timestamp()) if changed_at else None
    if changed is not None:
        response["Last-Modified"] = http_date(changed)
    answer = get_conditional_response(request, etag=etag, last_modified=changed, response=response)
    return answer or response
