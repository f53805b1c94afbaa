"""How gunicorn serves: processes of gunicorn, each with waitress, which gives a request to a thread when it is whole.

gunicorn's own threads read from the network, so as many unfinished requests as there are threads stop a process for
good. waitress reads and writes all connections in one loop and keeps what is unfinished in memory or in a temporary
file: a slow client costs a socket and no thread. gunicorn supervises: several processes, restart, graceful reload.
"""

from __future__ import annotations

import os
import resource
import time
from typing import Any

from django.conf import settings
from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer, UnixWSGIServer
from waitress.task import ThreadedTaskDispatcher, WSGITask

from kernel.middleware import FORM_OVERHEAD

KEEP_ALIVE = 60  # seconds that a connection may be idle
REQUEST_SECONDS = 30  # for a request to arrive, and a second more for every MIN_RATE bytes that did
MIN_RATE = 4096
LAST_SECONDS = 3.0  # of gunicorn's graceful_timeout, after which it kills what has not ended
MEMORY_EACH = 64 * 1024  # bytes of a request that are kept in memory; the rest is in a temporary file
OTHER_FILES = 64  # database connections, pipes and the like, beside the sockets of visitors


class _Server:
    """Mixed into waitress's servers: a request that does not arrive is given up."""

    active_channels: dict[int, Any]

    def maintenance(self, now: float) -> None:
        super().maintenance(now)  # type: ignore[misc]  # of waitress's server
        for channel in self.active_channels.values():
            request = channel.request
            if request is None:
                continue
            began = request.__dict__.setdefault("began", now)
            received = request.header_bytes_received + request.body_bytes_received
            if now - began > REQUEST_SECONDS + received / MIN_RATE:
                channel.will_close = True


class _Task(WSGITask):
    """Answers a request with what the hit thread has prepared for it; the others are the application's.

    A prepared answer skips the checks of `start_response`: its header values come from Django's HttpResponse, which
    refuses line breaks, or are our own.
    """

    def execute(self) -> None:
        answer = self.request.__dict__.get("answer")
        if answer is None:
            super().execute()
            return
        self.complete = True
        self.status = answer.status
        self.response_headers.extend(answer.headers)
        self.content_length = len(answer.body)
        self.write(answer.body)


class _Channel(HTTPChannel):
    task_class = _Task


class _TcpServer(_Server, TcpWSGIServer):
    channel_class = _Channel


class _UnixServer(_Server, UnixWSGIServer):
    channel_class = _Channel

    def fix_addr(self, addr: Any) -> tuple[str, None]:
        return ("", None)  # as gunicorn says it: nothing tells where such a request comes from


class BufferingWorker(Worker):
    """A worker of gunicorn that is a server of waitress. It has no TLS and no access log: both are the proxy's."""

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        if cfg.is_ssl:
            raise RuntimeError("TLS ends at the proxy in front of Fanfare: remove certfile and keyfile.")

    def run(self) -> None:
        self._map: dict[int, Any] = {}
        self._dispatcher = self._new_dispatcher()
        adjustments = self._adjustments()
        for listener in self.sockets:
            sock = listener.sock
            server = _UnixServer if isinstance(listener.getsockname(), str | bytes) else _TcpServer
            server(
                self.wsgi, self._map, True, sock, dispatcher=self._dispatcher, adj=adjustments, bind_socket=False,
                sockinfo=(sock.family, sock.type, sock.proto, sock.getsockname()),
            )  # fmt: skip
        while self.alive and self._has_parent():
            self._turn()
        self._finish()

    def _new_dispatcher(self) -> Any:
        """What gives whole requests to threads."""
        pages = ThreadedTaskDispatcher()
        pages.set_thread_count(self.cfg.threads)
        if not hasattr(self.wsgi, "answer"):  # not the product's application, but Django's alone
            return pages
        # gunicorn reads this module before Django is set up, and only the application does that.
        from config.hit_thread import HitThread

        return HitThread(self.wsgi, pages)

    def _turn(self) -> None:
        """Read and write what there is."""
        self.notify()
        wasyncore.loop(timeout=0.5, use_poll=True, map=self._map, count=1)

    def _finish(self) -> None:
        """Take no more connections, and give what runs the time to end. A connection that is kept alive takes no
        further request, else its client could go on asking for ever."""
        for server in self._all(_Server):
            wasyncore.dispatcher.close(server)
        deadline = time.monotonic() + self.cfg.graceful_timeout - LAST_SECONDS
        while (channels := self._all(HTTPChannel)) and time.monotonic() < deadline:
            for channel in channels:
                channel.will_close = channel.will_close or not self._is_busy(channel)
            self._turn()
        self._dispatcher.shutdown(timeout=1)

    @staticmethod
    def _is_busy(channel: HTTPChannel) -> bool:
        return bool(channel.requests or channel.total_outbufs_len)

    def _all(self, kind: type) -> list[Any]:
        return [entry for entry in self._map.values() if isinstance(entry, kind)]

    def _has_parent(self) -> bool:
        return self.ppid == os.getppid()

    def _adjustments(self) -> Adjustments:
        return Adjustments(
            ident=None,
            channel_timeout=KEEP_ALIVE,
            cleanup_interval=2,
            connection_limit=_raise_open_files(self.cfg.worker_connections),
            inbuf_overflow=MEMORY_EACH,
            outbuf_overflow=4 * MEMORY_EACH,
            max_request_header_size=MEMORY_EACH,
            max_request_body_size=settings.IMPORT_MAX_BYTES + FORM_OVERHEAD + 1,
            # kernel.http and Django's SECURE_PROXY_SSL_HEADER decide which of a proxy's headers to believe.
            clear_untrusted_proxy_headers=False,
        )


def _raise_open_files(wanted: int) -> int:
    """Allow this process so many connections, as far as the system does. Returns how many it may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + OTHER_FILES
    if soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return min(wanted, soft - OTHER_FILES)
