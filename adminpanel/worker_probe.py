"""The worker's own answer to probes: a small HTTP server in the watchdog's process.

It answers from what the watchdog measured last, so that probes cost nothing and don't wait for the database.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.conf import settings
from django.db import connections
from django_q.models import OrmQ

from adminpanel import sending_health
from adminpanel.watchdog import Watchdog

log = logging.getLogger("fanfare.worker")

MEASURE_EVERY = 2.0  # seconds
CHECKED_WITHIN = 30.0  # seconds since the watchdog's last whole round
ANSWERED_WITHIN = 90.0  # seconds since a queue's last answer, or its start
MOST_COUNTED = 10_000  # jobs of a queue


class WorkerProbe:
    """What `GET /health` says: 200 while the watchdog's rounds succeed and all its queues answer, else 503."""

    def __init__(self, watchdog: Watchdog):
        self._watchdog = watchdog
        self._measured: dict[str, Any] = {"queue_depth": None, "sending": None}
        self._next = 0.0

    def measure(self) -> None:
        """Called by the watchdog in each round."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + MEASURE_EVERY
        depth = {queue: OrmQ.objects.filter(key=queue)[:MOST_COUNTED].count() for queue in settings.QUEUES}
        with connections["engine"].cursor() as cursor:
            cursor.execute(sending_health.DEPTH)
            due, later, taken, lost, oldest = cursor.fetchone()
        sending = {"due": due, "later": later, "taken": taken, "lost": lost, "oldest_due_seconds": int(oldest)}
        self._measured = {"queue_depth": sum(depth.values()), "jobs": depth, "sending": sending}

    def answer(self) -> tuple[int, dict[str, Any]]:
        """The HTTP status, and what is told as JSON."""
        now = time.monotonic()
        checked = now - self._watchdog.last_check
        clusters = dict(self._watchdog.clusters)
        answers = {queue: cluster.last_answer for queue, cluster in clusters.items()}
        ages = {queue: None if at is None else round(now - at, 1) for queue, at in answers.items()}
        silent = [queue for queue, cluster in clusters.items() if cluster.silence > ANSWERED_WITHIN]
        known = [age for age in ages.values() if age is not None]
        is_well = checked < CHECKED_WITHIN and not silent
        return (200 if is_well else 503), {
            "status": "ok" if is_well else "failing",
            "last_processed_seconds": min(known) if known else None,
            "last_check_seconds": round(checked, 1),
            "last_answer_seconds": ages,
            "silent": silent,
            "clusters": {queue: cluster.id for queue, cluster in clusters.items()},  # as in the claimed jobs
            **self._measured,
        }


def serve(probe: WorkerProbe, address: str) -> ThreadingHTTPServer:
    """Answer at this address (host:port) in a thread. Raises OSError if it can't be used."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 5  # seconds for a slow client

        def do_GET(self) -> None:
            if self.path.rstrip("/") not in ("/health", "/healthz", "/readyz"):
                self.send_error(404)
                return
            status, told = probe.answer()
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Probes come every few seconds: they are not logged."""

    host, _, port = address.rpartition(":")
    server = ThreadingHTTPServer((host or "127.0.0.1", int(port)), Handler)
    server.daemon_threads = True
    os.register_at_fork(after_in_child=server.socket.close)  # lest a queue's processes keep the port
    threading.Thread(target=server.serve_forever, daemon=True, name="worker-probe").start()
    return server
