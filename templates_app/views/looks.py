"""The colours and fonts of a brand as a stylesheet, for pages that visitors see."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from kernel.http import public
from templates_app.brand import visitor_look

A_DAY = "public, max-age=86400"


@public
@require_safe
def stylesheet(_request: HttpRequest, spec: str) -> HttpResponse:
    """Nothing is read: the address says all. So anybody may make one, of colours that hurt nobody."""
    look = visitor_look.read_spec(spec)
    if look is None:
        raise Http404
    response = HttpResponse(visitor_look.stylesheet(look), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = A_DAY
    return response
