"""Error pages, for requests that fail before or inside a view."""

import contextlib

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils import translation

from kernel.http import public

#: How addresses begin that stand in messages and on merchants' pages: whoever follows one knows nothing of Fanfare.
FOR_VISITORS = {"u", "p", "v", "o", "c", "f"}


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
    is_for_visitors = request.path_info.split("/")[1] in FOR_VISITORS
    return render(request, "404_visitor.html" if is_for_visitors else "404.html", status=404)


@public
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


@public
def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request: what broke the view could break the frame of the page, too."""
    return HttpResponseServerError(render_to_string("500.html"))
