"""The web server as it is shipped: gunicorn with its configuration file, and clients that are slow or vanish."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30  # seconds; a server that waits for slow clients does not answer at all


@contextmanager
def serving(*options: str, bind: str = "") -> Iterator[socket.socket | str]:
    """Yields the address of a running server: a Unix socket's path, or (host, port)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = probe.getsockname()
    command = [str(Path(sys.executable).with_name("gunicorn")), "config.wsgi", "--bind"]
    command += [f"unix:{bind}" if bind else f"127.0.0.1:{address[1]}", *options]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | {"WEB_CONCURRENCY": "1"}) as process:
        try:
            wait_for_answer(bind or address)
            yield bind or address
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0


def wait_for_answer(address) -> None:
    deadline = time.monotonic() + 300  # a busy machine takes a minute to start a server
    while True:
        try:
            assert ask(address).startswith(b"HTTP/1.1 200")
            return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.2)


def connect(address, first: bytes) -> socket.socket:
    client = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
    client.settimeout(PATIENCE)
    client.connect(address)
    client.sendall(first)
    return client


def ask(address, request: bytes = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n") -> bytes:
    with connect(address, request) as client:
        return read(client)


def read(client: socket.socket) -> bytes:
    answer = b""
    while part := client.recv(65536):
        answer += part
    return answer


PAGE = b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"
HALF_HEADER = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Sl"
HALF_BODY = (
    b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 5000\r\n\r\nlogin="
)


@pytest.fixture(scope="module")
def server(django_db_setup):
    with serving() as address:
        yield address


@pytest.mark.parametrize("n", [10, 50, 200])
@pytest.mark.parametrize("first", [b"", HALF_HEADER, HALF_BODY], ids=["nothing", "half a header", "half a body"])
def test_slow_clients_stop_nobody(server, n, first):
    slow = [connect(server, first) for _ in range(n)]
    try:
        for _ in range(3):
            assert ask(server).endswith(b"ok\n")
        assert b"Location: /accounts/login/" in ask(server, PAGE)
    finally:
        for client in slow:
            client.close()


def test_clients_that_do_not_read_stop_nobody(server):
    """Each asks for pages and never reads an answer."""
    asking = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 100
    slow = [connect(server, asking) for _ in range(30)]
    assert ask(server).endswith(b"ok\n")
    for client in slow:
        client.close()


def test_a_request_in_pieces_is_answered(server):
    client = connect(server, b"GET /hea")
    for piece in (b"lthz HTTP/1.1\r\nHo", b"st: localhost\r\nConnection: close\r\n", b"\r\n"):
        time.sleep(0.05)
        client.sendall(piece)
    assert read(client).startswith(b"HTTP/1.1 200 OK")


def test_several_requests_share_a_connection(server):
    asked = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answer = ask(server, asked * 2 + asked.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert answer.count(b"HTTP/1.1 200 OK") == 3


def test_what_is_too_large_is_refused_before_it_is_read(server, settings):
    length = settings.IMPORT_MAX_BYTES + 2 * 1024 * 1024
    head = f"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
    assert b" 413 " in ask(server, head.encode()).splitlines()[0]


def test_headers_are_limited(server):
    assert b" 431 " in ask(server, b"GET / HTTP/1.1\r\nX: ".ljust(64 * 1024, b"x")).splitlines()[0]


def test_it_serves_a_unix_socket(tmp_path):
    with serving(bind=str(tmp_path / "web.sock")) as path:
        assert ask(path).endswith(b"ok\n")


def test_what_runs_is_finished_before_it_stops(django_db_setup):
    """A request that a thread works on when SIGTERM comes is still answered."""
    answers: list[bytes] = []
    with serving() as address:
        clients = [threading.Thread(target=lambda: answers.append(ask(address, PAGE))) for _ in range(8)]
        for client in clients:
            client.start()
        time.sleep(0.3)  # they are accepted by then; what is not is refused, and asked again by any proxy
    for client in clients:
        client.join()
    assert len(answers) == 8 and all(b" 302 " in answer.splitlines()[0] for answer in answers)


def test_the_demo_finds_its_port_again_at_once():
    """A server that has just ended leaves connections behind, which no other server minds."""
    script = f'. bin/lib/serve.sh; PY={shlex.quote(sys.executable)}; free_port "$1"'

    def found(port: int) -> int:
        return int(subprocess.check_output(["bash", "-c", script, "bash", str(port)], cwd=ROOT, text=True))

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _ = server.accept()
        assert found(port) != port, "it is taken"
    accepted.close()  # first, so that this end waits in TIME_WAIT
    client.close()
    assert found(port) == port


@pytest.mark.parametrize("change, words", [({}, ""), ({"SECRET_KEY": ""}, "SECRET_KEY is not set")])
def test_the_web_servers_configuration_reads_the_env_file_first(change, words, tmp_path):
    """With settings in .env and nothing in the environment, as systemd starts it."""
    names = ("DATABASE_URL", "SECRET_KEY", "FIELD_ENCRYPTION_KEYS")
    settings = {name: os.environ[name] for name in names} | {"BASE_URL": "https://x.example"} | change
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    script = f"import pathlib; from config import startup; startup.ROOT = pathlib.Path({str(tmp_path)!r})\n"
    script += f"exec(open({str(ROOT / 'gunicorn.conf.py')!r}).read()); print(workers)"
    bare = {"PATH": os.environ["PATH"], "WEB_CONCURRENCY": "3"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=bare, capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert (done.stdout.strip(), "Traceback" in done.stderr) == ("" if words else "3", False), done.stderr
    assert words in done.stderr
