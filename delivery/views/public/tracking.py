"""Opens and clicks. Answered even if the database can't record them. HEAD is not counted, nor are link scanners.

`delivery.wsgi` answers nearly all of them in front of Django. What it is not sure of comes here, so that odd requests
are treated as everywhere else.
"""

import re

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from delivery import hits, tracking
from delivery.models import Hit, TrackedLink
from kernel import domains
from kernel.bounded_cache import BoundedCache
from kernel.http import public
from kernel.tenancy import across_workspaces

PIXEL = bytes.fromhex("47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b")

# The Location header of (workspace, batch, position of the link). Links of a batch never change, so each is looked up
# once by a process. Only headers that were answered are here.
LOCATIONS: BoundedCache[tuple[int, int, int], str] = BoundedCache(10_000)


@public
@require_safe
@never_cache
def open_pixel(request: HttpRequest, token: str) -> HttpResponse:
    ids, is_test = _read(token)
    if not is_test:
        hits.count(request.META, ids, Hit.Kind.OPEN)
    return HttpResponse(PIXEL, content_type="image/gif")


@public
@require_safe
@never_cache
def click(request: HttpRequest, token: str, n: int) -> HttpResponse:
    """Redirect to the link's target, which is looked up by the signed ids. Of a target with merge tags, the query
    string is what follows the first tag: nothing in the URL can lead to another host."""
    ids, is_test = _read(token)
    key = (ids[0], ids[1], n)
    location = LOCATIONS.get(key)
    if location is not None:
        response = HttpResponseRedirect(location)
    else:
        target, takes_rest = _target(*key)
        rest = request.META.get("QUERY_STRING", "") if takes_rest else ""
        response = HttpResponseRedirect(target + rest)
        if not takes_rest:  # of one with merge tags, each person's is another: delivery.wsgi leaves it to this page
            LOCATIONS.put(key, response["Location"])
    if not is_test:
        hits.count(request.META, ids, Hit.Kind.CLICK, n)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _read(token: str) -> tuple[tuple[int, int, int], bool]:
    try:
        return tracking.read_link(token)
    except tracking.BadToken:
        raise Http404 from None


def _target(workspace_id: int, batch_id: int, n: int) -> tuple[str, bool]:
    """(the target of a link, whether that is only its beginning)"""
    with across_workspaces("the token names the workspace and is signed"):
        link = TrackedLink.objects.filter(workspace_id=workspace_id, batch_id=batch_id, n=n).first()
    if link is None:
        raise Http404
    return ascii_address(link.prefix or link.url), bool(link.prefix)


# Scheme and user; the host's name. A backslash ends the host as a slash does (URL Standard, 4.4).
_HOST = re.compile(r"([a-z][a-z0-9+.-]*://(?:[^/\\?#]*@)?)([^/\\?#@:]+)", re.IGNORECASE)


def ascii_address(url: str) -> str:
    """The web address with its host in ASCII (RFC 5891), for a Location header (RFC 9110, 10.2.2). Django would write
    %-escapes into the host, which link scanners and curl don't undo. A host that IDNA does not know stays as it is.

    All behind the host stays, character by character: urllib would drop an empty "?" or "#" at the end, and what a
    visitor adds to a prefix would become a part of the host."""
    found = _HOST.match(url)
    if found is None or found[2].isascii():
        return url
    try:
        return found[1] + domains.to_ascii(found[2]) + url[found.end() :]
    except domains.BadDomain:
        return url
