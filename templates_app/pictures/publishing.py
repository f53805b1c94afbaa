"""Answers the public addresses of pictures: whoever has one gets the bytes, and may keep them for ever.

A middleware before sessions and languages: no cookie is read, no statement runs where files are kept outside the
database, and what is answered is the same for everybody. The address names the bytes (`picture_addresses`), and what
would not be these is never sent: a proxy would keep it for a year.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from kernel.bounded_cache import BoundedCache
from kernel.files import names, places
from kernel.files.places import Place
from kernel.files.problems import Missing, Problem, Unavailable, named
from kernel.parameters import MAX_NUMBER
from kernel.tenancy import scope
from templates_app import picture_addresses
from templates_app.models import PictureFile
from templates_app.picture_addresses import CONTENT_TYPES, PREFIX, Parts
from templates_app.pictures.decoding_process import MAX_RESULT
from templates_app.pictures.storage import KIND

log = logging.getLogger("fanfare.files")

FOREVER = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=60"  # what is not there may be on its way to another machine's place
# Nothing is drawn, run or framed of what is opened by itself.
POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
BEGINNINGS = {"jpg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n", "gif": b"GIF8"}
MOST_BYTES = 2 * MAX_RESULT
# Of a bucket, so that a newsletter's readers don't fetch the same bytes from another server a thousand times a minute.
RECENT: BoundedCache[Parts, bytes] = BoundedCache(32)
# Reads of a bucket at once, and the seconds that one waits for its turn: where the bucket is slow, the other threads of
# this process go on serving pages.
READERS, PATIENCE = threading.BoundedSemaphore(4), 2.0
MOST_REMEMBERED = 512 << 10  # bytes: 16 MB in all

Handler = Callable[[HttpRequest], HttpResponse]


class PublishPictures:
    def __init__(self, get_response: Handler):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        response = answer(request)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # web mail shows it in its own pages
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def answer(request: HttpRequest) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    parts = picture_addresses.parts_of(request.path_info)
    if parts is None or parts.workspace_id > MAX_NUMBER:
        return _nothing()
    etag = f'"{parts.hash}"'
    if etag in request.headers.get("If-None-Match", ""):
        return _cacheable(HttpResponse(status=304), etag)
    try:
        data = _read(parts)
    except Problem as problem:
        log.error("A picture could not be read: %s", problem)
        later = {"Retry-After": "30", "Cache-Control": "no-store"}
        return HttpResponse("The picture can't be read at the moment.", "text/plain", 503, headers=later)
    if data is None:
        return _nothing()
    response = HttpResponse(b"" if request.method == "HEAD" else data, CONTENT_TYPES[parts.format])
    response.headers["Content-Length"] = str(len(data))
    return _cacheable(response, etag)


def _nothing() -> HttpResponse:
    return HttpResponse("There is no such picture.", "text/plain", 404, headers={"Cache-Control": BRIEFLY})


def _cacheable(response: HttpResponse, etag: str) -> HttpResponse:
    response.headers["Cache-Control"] = FOREVER
    response.headers["ETag"] = etag
    return response


def _read(parts: Parts) -> bytes | None:
    """The bytes that the address means. None where there are none of this hash."""
    data = RECENT.get(parts)
    if data is not None:
        return data
    data = _kept(parts) if places.is_on() else None
    if data is None:
        data = _in_row(parts)
    if data is None or not _is_meant(parts, data):
        return None
    if len(data) <= MOST_REMEMBERED and places.is_on() and places.place().is_network:
        RECENT.put(parts, data)
    return data


def _kept(parts: Parts) -> bytes | None:
    """The file of this key. Its kind is ours, so that no export or upload has an address. Raises Unavailable."""
    name = f"{parts.workspace_id}/{KIND}/{parts.key}"
    names.check(name, parts.workspace_id)
    where = places.place()
    if not where.is_network:
        return _whole(where, name)
    if not READERS.acquire(timeout=PATIENCE):
        raise Unavailable("Too many pictures are being read from the bucket at once: it is slow.")
    try:
        return _whole(where, name)
    finally:
        READERS.release()


def _whole(where: Place, name: str) -> bytes | None:
    data = bytearray()
    try:
        with named(where):
            for chunk in where.chunks(name):
                data += chunk
                if len(data) > MOST_BYTES:
                    return None
    except Missing:
        return None
    return bytes(data)


def _in_row(parts: Parts) -> bytes | None:
    with scope(parts.workspace_id):
        rows = PictureFile.objects.filter(key=parts.key, file="").values_list("data", flat=True)
        found = rows.first()
    return bytes(found) if found is not None else None


def _is_meant(parts: Parts, data: bytes) -> bool:
    is_whole = hashlib.sha256(data).hexdigest().startswith(parts.hash)
    return is_whole and data.startswith(BEGINNINGS[parts.format])
