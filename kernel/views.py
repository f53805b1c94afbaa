"""Error pages, for requests that fail before or inside a view."""

import contextlib
import re

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseServerError, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils import translation

from kernel import parameters
from kernel.http import public

#: How addresses begin that stand in messages and on merchants' pages: whoever follows one knows nothing of Fanfare.
FOR_VISITORS = {"u", "p", "v", "o", "c", "f"}
#: Fields that are not shown again: what the page itself sends, and secrets. A merchant's own fields are no secrets.
NOT_SHOWN = re.compile("csrfmiddlewaretoken|opened|(?!own_).*(password|secret|token|key|code)[0-9]*", re.IGNORECASE)
#: Ids, and boxes that are ticked: chosen and not typed.
CHOSEN = re.compile("[0-9]{0,9}|on")
#: Raised where the body of a request can't be read as a form. The view may have failed before it read it.
UNREADABLE = (MultiPartParserError, SuspiciousOperation, UnreadablePostError)


@public
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)


@public
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return unreadable_page(request)


def unreadable_page(request: HttpRequest) -> HttpResponse:
    return _early_page(request, "400.html", 400)


def not_found_page(request: HttpRequest) -> HttpResponse:
    return _early_page(request, "404.html", 404)


def _early_page(request: HttpRequest, template: str, status: int) -> HttpResponse:
    """Also for requests that no other middleware has seen: without a person, so in the browser's language."""
    language = getattr(request, "LANGUAGE_CODE", None) or translation.get_language_from_request(request)
    with translation.override(language):
        return render(request, template, status=status)


def method_page(request: HttpRequest) -> str:
    """The page of an address that only takes a form, with a link to the page above it."""
    return render_to_string("405.html", {"above": _above(request.path_info)}, request)


def _above(path: str) -> str:
    """The nearest address above the path at which there is a page."""
    while path.strip("/"):
        path = path.rstrip("/").rpartition("/")[0] + "/"
        with contextlib.suppress(Resolver404):
            resolve(path)
            return path
    return "/"


@public
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if request.path_info.split("/")[1] in FOR_VISITORS:
        return render(request, "404_visitor.html", status=404)
    return render(request, "404.html", {"typed": _typed(request)}, status=404)


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What a person has typed into a form whose record somebody else deleted meanwhile: (name of the field in words,
    text). Nothing of a request that no view was to take: that may be of a page elsewhere, which has proven no CSRF
    token."""
    if request.method != "POST" or request.resolver_match is None or not request.user.is_authenticated:
        return []
    try:
        given = request.POST
    except UNREADABLE:
        return []
    found = ((name, text) for name in given for text in parameters.texts(given, name))
    return [
        (name.removeprefix("own_").replace("_", " "), text)
        for name, text in found
        if not NOT_SHOWN.fullmatch(name) and not CHOSEN.fullmatch(text)
    ]


@public
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


@public
def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request: what broke the view could break the frame of the page, too."""
    return HttpResponseServerError(render_to_string("500.html"))
