"""The requests that come over WSGI."""

from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
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
