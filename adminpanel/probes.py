"""Probes: does this web process live (/healthz), and can it serve (/readyz)?

A load balancer asks every few seconds, by any host name or IP address, without encryption and without signing in. So
both are answered before anything else looks at the request, and the second one asks the database only now and then. It
is about this web process alone: where workers are down, pages and unsubscribing must go on. What says that workers are
down is `manage.py doctor`, the page of staff, and the workers' own answer.
"""

from __future__ import annotations

import json
import logging
import secrets
import threading
import time
from collections.abc import Callable

from django.core import signing
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse

from kernel.http import client_address

log = logging.getLogger("fanfare.web")

MAX_AGE = 5.0  # seconds for which an answer of the database counts
PATIENCE = 15.0  # seconds that one question may take; then the database counts as down

HEADER = "Fanfare-Doctor"
MAX_TOKEN_AGE = 300  # seconds; the clocks of doctor's and the web server's machine may differ

Answers = dict[str, bool]


class Readiness:
    """What this process needs to serve. Whoever asks first after MAX_AGE asks the database; meanwhile the others get
    the last answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: Answers = {}
        self._asked_at = float("-inf")  # time.monotonic()
        self._is_migrated = False

    def read(self) -> Answers:
        age = time.monotonic() - self._asked_at
        if age > MAX_AGE and self._lock.acquire(blocking=not self._answers):
            try:
                self._answers = self._ask()
                self._asked_at = time.monotonic()
            finally:
                self._lock.release()
        elif age > MAX_AGE + PATIENCE:
            return {"database": False}
        return self._answers

    def _ask(self) -> Answers:
        try:
            with connections["default"].cursor() as cursor:
                cursor.execute("SELECT 1")
            return {"database": True, "migrations": self._are_migrations_applied()}
        except Exception as problem:
            log.warning("not ready: %s", type(problem).__name__)
            connections["default"].close()
            return {"database": False}

    def _are_migrations_applied(self) -> bool:
        """Once they are, they stay so for the code of this process."""
        if not self._is_migrated:
            executor = MigrationExecutor(connections["default"])
            self._is_migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        return self._is_migrated


def make_token() -> str:
    """Asks /healthz for a portrait: who has the SECRET_KEY may see how a request arrives."""
    return _signer("ask").sign(secrets.token_urlsafe(12))


def read_portrait(token: str, body: bytes) -> dict | None:
    """What /healthz answered to this token: secure, address, peer, forwarded. None if another installation answered."""
    try:
        portrait = json.loads(_signer("answer").unsign(body.decode(), max_age=MAX_TOKEN_AGE))
    except (signing.BadSignature, ValueError):
        return None
    return portrait if portrait["token"] == token else None


def _portrait(request: HttpRequest) -> str | None:
    token = request.headers.get(HEADER, "")
    try:
        _signer("ask").unsign(token, max_age=MAX_TOKEN_AGE)
    except signing.BadSignature:
        return None
    portrait = {
        "token": token,
        "secure": request.is_secure(),
        "address": client_address(request),
        "peer": request.META.get("REMOTE_ADDR", ""),
        "forwarded": request.headers.get("X-Forwarded-For", ""),
    }
    return _signer("answer").sign(json.dumps(portrait))


def _signer(purpose: str) -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=f"fanfare.probes.{purpose}")


class Probes:
    """Middleware, the first in the chain: hosts are not checked, plain HTTP is not redirected, nothing is logged."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self._get_response = get_response
        self._readiness = Readiness()
        self._probes = {"/healthz": self._live, "/readyz": self._ready}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = self._probes.get(request.path_info)
        if probe is None:
            return self._get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        response = probe(request)
        response["Cache-Control"] = "no-store"
        response["Content-Length"] = str(len(response.content))
        return response

    @staticmethod
    def _live(request: HttpRequest) -> HttpResponse:
        portrait = _portrait(request)
        if portrait is not None:
            return HttpResponse(portrait, content_type="text/plain")
        return HttpResponse("ok\n", content_type="text/plain")

    def _ready(self, request: HttpRequest) -> HttpResponse:
        """Names of checks and no details, because anyone may ask."""
        answers = self._readiness.read()
        status = 200 if all(answers.values()) else 503
        return JsonResponse({name: "ok" if ok else "down" for name, ok in answers.items()}, status=status)
