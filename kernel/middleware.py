"""For every page: a limit on uploads before they are read, and HTMX's headers."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

Handler = Callable[[HttpRequest], HttpResponse]
FORM_OVERHEAD = 1024 * 1024  # bytes: the other fields and the multipart boundaries around the largest file


class BodyLimit:
    """Refuse a body whose Content-Length is too large, before the CSRF check or a view reads and stores it."""

    def __init__(self, get_response: Handler):
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = 0
        if length > settings.IMPORT_MAX_BYTES + FORM_OVERHEAD:
            max_megabytes = settings.IMPORT_MAX_BYTES // 1024 // 1024
            text = _("This file is %(mb)d MB; the limit is %(most)d MB. Split it and upload the parts one by one.")
            return HttpResponse(text % {"mb": length // 1024 // 1024, "most": max_megabytes}, status=413)
        return self.get_response(request)


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
