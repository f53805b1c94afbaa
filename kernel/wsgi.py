"""The requests that come over WSGI."""

from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.utils.http import parse_header_parameters


class Request(WSGIRequest):
    """A request whose query string and forms are UTF-8, whatever charset its header names.

    Browsers send UTF-8. Python also knows codecs that are not for text ("hex"): with one of these, Django fails before
    any middleware could answer.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))


class Handler(WSGIHandler):
    request_class = Request

    def __call__(self, environ: dict[str, Any], start_response: Any) -> HttpResponseBase:
        """`OPTIONS *` and `CONNECT host:port` name no page (RFC 9112, section 3.2): Django's resolver would fail, and
        again on the page of that failure."""
        if environ.get("PATH_INFO", "")[:1] not in ("", "/"):
            start_response("400 Bad Request", [("Content-Type", "text/plain"), ("Content-Length", "0")])
            return HttpResponseBadRequest()
        return super().__call__(environ, start_response)
