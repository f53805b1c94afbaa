"""Shared by the pages for visitors: no cookie, no session, no cache; GET and HEAD change nothing; small bodies only."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.models import Workspace
from contacts.signups.signing_up import Visit
from kernel import parameters
from kernel.causes import caused_by
from kernel.http import client_address, public
from kernel.links import BadToken, absolute, read_ids

MAX_BYTES = 100_000


def for_visitors(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """Declare a public view, without CSRF protection.

    Its address contains a token of ours and no cookie counts, so a forged request can do nothing that the forger
    can't do directly.
    """

    @wraps(view)
    def visited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if (parameters.as_number(request.META.get("CONTENT_LENGTH") or "0") or 0) > MAX_BYTES:
            return HttpResponse(
                _("This is too long. Shorten your answers."), status=413, content_type="text/plain; charset=utf-8"
            )
        with caused_by("person"):
            response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex"  # the address is one person's
        return response

    return csrf_exempt(public(require_http_methods(["GET", "HEAD", "POST"])(never_cache(visited))))


def read_token(purpose: str, token: str, size: int) -> tuple[int, ...]:
    """The ids in a token, `size` of them. Raises Http404 for an invalid token."""
    try:
        ids = read_ids(purpose, token)
    except BadToken:
        raise Http404 from None
    if len(ids) != size:
        raise Http404
    return ids


def workspace_of(workspace_id: int) -> Workspace:
    """Raises Http404 where there is none."""
    workspace = Workspace.objects.filter(pk=workspace_id).first()
    if workspace is None:
        raise Http404
    return workspace


def visit(request: HttpRequest, page: str = "") -> Visit:
    return Visit(page=page, address=client_address(request), user_agent=request.headers.get("user-agent", "")[:300])


def page_of(request: HttpRequest) -> str:
    """The address of the page with the form: from the form's hidden field, otherwise from the Referer header.

    None of our own pages: their addresses may be keys, and this one is kept as proof, which members read.
    """
    for text in (parameters.text(request.POST, "page", 300), request.headers.get("referer", "")):
        if _is_address(text) and not text.startswith(absolute("/")):
            return text[:300]
    return ""


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and text.isprintable()


def frameable(response: HttpResponse) -> HttpResponse:
    """Allow every site to show this page in a frame."""
    response.xframe_options_exempt = True
    response._csp_replace = {"frame-ancestors": ["*"]}  # type: ignore[attr-defined]  # django-csp reads it
    return response


def allow(response: HttpResponse, sources: dict[str, list[str]]) -> HttpResponse:
    """Add sources to the page's content security policy, by directive."""
    before = getattr(response, "_csp_update", None) or {}
    merged = before | {name: [*before.get(name, []), *more] for name, more in sources.items()}
    response._csp_update = merged  # type: ignore[attr-defined]  # django-csp reads it
    return response


def may_go_on_to(response: HttpResponse, address: str) -> HttpResponse:
    """Allow the form on this page to redirect to the address: browsers apply form-action to redirects too."""
    parts = urlsplit(address)
    port = f":{parts.port}" if parts.port else ""
    return allow(response, {"form-action": [f"{parts.scheme}://{parts.hostname}{port}"]})


def message_page(
    request: HttpRequest, workspace: Workspace, *, title: str, text: str = "", status: int = 200, **context
) -> HttpResponse:
    """A page with a title and a text only."""
    context = {"sender": workspace, "title": title, "text": text, **context}
    return render(request, "contacts/public/message.html", context, status=status)
