"""A web server of the test's own on a loopback address, and the leave to read it: that is the only private address that
is allowed, and its port stands for that of websites."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from kernel import outbound, web_client

HERE = "127.0.0.1"
Answer = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """`answers`: what is done for a path; `asked`: the paths that were asked for, in order."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.closing = threading.Event()

    def gives(self, path: str, body: bytes, kind: str = "text/html; charset=utf-8", **headers: str) -> None:
        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(body)

        self.answers[path] = answer

    def redirects(self, path: str, to: str) -> None:
        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(302)
            handler.send_header("Location", to)
            handler.end_headers()

        self.answers[path] = answer


@contextlib.contextmanager
def served(monkeypatch) -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            answer = site.answers.get(self.path)
            if answer is None:
                self.send_error(404)
                return
            with contextlib.suppress(OSError):  # the reader has gone
                answer(self)

        def log_message(self, *_arguments) -> None:
            pass

    server = ThreadingHTTPServer((HERE, 0), Handler)
    server.daemon_threads = True
    real = outbound.is_public
    monkeypatch.setattr(outbound, "is_public", lambda address: address == HERE or real(address))
    monkeypatch.setitem(web_client.PORTS, "http", server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        site.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
