"""Opens and clicks. Answered even if the database can't record them. HEAD and link scanners are not counted."""

import logging
import re
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from delivery import tracking
from delivery.models import Hit, TrackedLink
from kernel import domains
from kernel.http import public
from kernel.tenancy import across_workspaces

log = logging.getLogger("fanfare.delivery")

PIXEL = bytes.fromhex("47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b")

# Programs that fetch every link of a mail. Proxies that load images for a reader (GoogleImageProxy, YahooMailProxy) are
# not scanners: their opens are real.
SCANNER = re.compile(
    r"bot\b|crawl|spider|curl|wget|python-|go-http|java/|okhttp|headless|phantom|barracuda|proofpoint|mimecast|"
    r"ciscosecure|tmes|safelinks|linkscanner|bingpreview|slack|facebookexternalhit|whatsapp/|telegram|preview",
    re.IGNORECASE,
)


@public
@require_safe
@never_cache
def open_pixel(request: HttpRequest, token: str) -> HttpResponse:
    ids, is_test = _read(token)
    if not is_test:
        _count(request, ids, Hit.Kind.OPEN)
    return HttpResponse(PIXEL, content_type="image/gif")


@public
@require_safe
@never_cache
def click(request: HttpRequest, token: str, n: int) -> HttpResponse:
    """Redirect to the link's target, which is looked up by the signed ids: nothing in the URL can lead elsewhere."""
    ids, is_test = _read(token)
    target = _target(ids[0], ids[1], n)
    if not is_test:
        _count(request, ids, Hit.Kind.CLICK, n)
    response = HttpResponseRedirect(target)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _read(token: str) -> tuple[tuple[int, int, int], bool]:
    try:
        return tracking.read_link(token)
    except tracking.BadToken:
        raise Http404 from None


@lru_cache(maxsize=10_000)
def _target(workspace_id: int, batch_id: int, n: int) -> str:
    """The target of a link. Links of a batch never change, so each process reads one only once."""
    with across_workspaces("the token names the workspace and is signed"):
        link = TrackedLink.objects.filter(workspace_id=workspace_id, batch_id=batch_id, n=n).first()
    if link is None:
        raise Http404
    return ascii_address(link.url)


def ascii_address(url: str) -> str:
    """The web address with its host in ASCII (RFC 5891), for a Location header (RFC 9110, 10.2.2). Django would write
    %-escapes into the host, which link scanners and curl don't undo. A host that IDNA does not know stays as it is."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    if host.isascii():
        return url
    name, colon, port = host.partition(":")
    try:
        name = domains.to_ascii(name)
    except domains.BadDomain:
        return url
    return urlunsplit(parts._replace(netloc=f"{user}{at}{name}{colon}{port}"))


def _count(request: HttpRequest, ids: tuple[int, int, int], kind: Hit.Kind, link: int | None = None) -> None:
    agent = request.META.get("HTTP_USER_AGENT", "")
    if request.method == "HEAD" or (kind == Hit.Kind.CLICK and (not agent or SCANNER.search(agent))):
        return
    workspace_id, batch_id, contact_id = ids
    try:
        with across_workspaces("the token names the workspace and is signed"):
            Hit.record(workspace_id, batch_id, contact_id, kind, link)
    except (DatabaseError, InterfaceError):
        log.exception("a hit was not counted")
