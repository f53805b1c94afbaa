"""For every page: what a request may look like, and how answers are completed."""

import re
import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from kernel import parameters, views
from kernel.logs import request_id

Handler = Callable[[HttpRequest], HttpResponse]
SANE_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
FORM_OVERHEAD = 1024 * 1024  # bytes: the other fields and the multipart boundaries around the largest file


class RequestId:
    """Name the request in log lines and in the answer, so that a complaint leads to its lines.

    A proxy may have named it already. Any visitor can send that header too, so a name is only taken if it can't be
    mistaken for anything else in a log.
    """

    def __init__(self, get_response: Handler):
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        name = given if SANE_ID.fullmatch(given) else secrets.token_hex(8)
        token = request_id.set(name)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response.headers["X-Request-ID"] = name
        return response


class BodyLimit:
    """Refuse a body whose Content-Length is too large, before the CSRF check or a view reads and stores it."""

    def __init__(self, get_response: Handler):
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        length = parameters.as_number(request.META.get("CONTENT_LENGTH") or "0")
        if length is None:
            return views.unreadable_page(request)
        if length > settings.IMPORT_MAX_BYTES + FORM_OVERHEAD:
            max_megabytes = settings.IMPORT_MAX_BYTES // 1024 // 1024
            text = _("This file is %(mb)d MB; the limit is %(most)d MB. Split it and upload the parts one by one.")
            return HttpResponse(text % {"mb": length // 1024 // 1024, "most": max_megabytes}, status=413)
        return self.get_response(request)


class NotStored:
    """Let no browser and no proxy keep a page, unless its view says otherwise: nearly all show people's data, which the
    back button or the disk of a shared computer would show after logging out. Static files are answered before."""

    def __init__(self, get_response: Handler):
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class WellFormed:
    """Refuse requests that no browser sends and no view can use, with a page and status 400.

    A NUL in the query string or a cookie: PostgreSQL can't store it, so it would end in an error wherever a view looks
    for it. In a form it is an error of its field, which keeps what was typed, or is left out (`kernel.parameters`). An
    address with a NUL, or with a number that is no row's id, is not found.
    """

    def __init__(self, get_response: Handler):
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        if "\0" in request.path_info:
            return views.not_found_page(request)
        if parameters.has_nul(request.GET) or "\0" in "".join(request.COOKIES.values()):
            return views.unreadable_page(request)
        return self.get_response(request)

    def process_view(self, request: Any, view: Callable, args: tuple, kwargs: dict) -> None:
        if any(isinstance(value, int) and value > parameters.MAX_NUMBER for value in kwargs.values()):
            raise Http404


class MethodPages:
    """Put a page into the empty answer 405: people come to the address of a button by a log-in in between, or by their
    browser's history."""

    def __init__(self, get_response: Handler):
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            response.content = views.method_page(request)
        return response


class HtmxManners:
    """Send Vary: HX-Request, turn redirects into full navigations, add messages to a fragment that is swapped in."""

    def __init__(self, get_response: Handler):
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        response = self.get_response(request)
        if not hasattr(request, "htmx"):
            return response
        patch_vary_headers(response, ["HX-Request"])
        if not request.htmx:
            return response
        if response.status_code in (301, 302, 303, 307):
            redirect = HttpResponse(status=204)
            redirect["HX-Redirect"] = response["Location"]
            redirect.cookies = response.cookies
            return redirect
        if response.status_code == 200 and "text/html" in response.get("Content-Type", "") and not response.streaming:
            messages = list(get_messages(request))
            if messages:
                response.content += render_to_string("_toasts.html", {"messages": messages, "oob": True}).encode()
        return response
