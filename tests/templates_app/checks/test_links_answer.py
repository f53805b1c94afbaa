"""Whether links answer: one a request, on demand, never in a transaction, never into the private network."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import pytest

from kernel import outbound, web_client
from kernel.tenancy import scope
from templates_app.models import MessageTemplate
from tests import network_guard


@contextmanager
def server(answers: dict[str, bytes]) -> Iterator[int]:
    """A web server of `answers` by path; its port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def one(made: socket.socket) -> None:
            with suppress(OSError, IndexError), closing(made):
                path = made.recv(65536).split()[1].decode()
                answer = answers.get(path, b"404 Not Found\r\n")
                if answer == b"drip":
                    for _byte in range(100):
                        made.sendall(b"H")
                        time.sleep(0.05)
                made.sendall(b"HTTP/1.1 " + answer + b"Content-Length: 99999999\r\n\r\n<p>")

        def run() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=one, args=[listening.accept()[0]], daemon=True).start()

        threading.Thread(target=run, daemon=True).start()
        yield listening.getsockname()[1]


@pytest.fixture
def site(monkeypatch):
    """A website at http://shop.example, which is this machine."""
    answers = {
        "/": b"200 OK\r\n",
        "/moved": b"302 Found\r\nLocation: /\r\n",
        "/loop": b"302 Found\r\nLocation: /loop\r\n",
        "/inside": b"302 Found\r\nLocation: http://inside.example/\r\n",
        "/forbidden": b"403 Forbidden\r\n",
        "/broken": b"500 Oh\r\n",
        "/slow": b"drip",
    }
    with server(answers) as port:
        real = socket.create_connection

        def resolve(host: str, asked: int) -> str:
            if host != "shop.example":
                raise outbound.Refused("private")
            return "127.0.0.1"

        monkeypatch.setattr(outbound, "resolve_website", resolve)
        monkeypatch.setattr(web_client.socket, "create_connection", lambda to, timeout: real((to[0], port), timeout))
        yield "http://shop.example"


@pytest.mark.parametrize(
    "path, status", [("/", 200), ("/moved", 200), ("/gone", 404), ("/forbidden", 403), ("/broken", 500)]
)
def test_the_status_is_that_of_where_it_leads(site, path, status):
    assert web_client.status(site + path, deadline=web_client.Deadline(5)) == status


@pytest.mark.parametrize("path", ["/loop", "/inside"])
def test_what_leads_nowhere_or_inside_is_left(site, path):
    with pytest.raises(web_client.Failed):
        web_client.status(site + path, deadline=web_client.Deadline(5))


def test_a_server_that_drips_is_left_in_time(site):
    began = time.monotonic()
    with pytest.raises(web_client.Failed):
        web_client.status(f"{site}/slow", deadline=web_client.Deadline(0.4))
    assert time.monotonic() - began < 4


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1/", "http://[::1]/", "https://localhost/", "http://10.0.0.1/", "http://shop.example:22/"],
)
def test_no_address_of_the_private_network_is_asked(address):
    with pytest.raises(web_client.Failed):
        web_client.status(address, deadline=web_client.Deadline(2))


@pytest.mark.parametrize("address", ["https://[::1", "ftp://x.example/", "http://", "http://x.example:99999/"])
def test_what_is_no_web_address_is_not_asked(address):
    with pytest.raises(web_client.Failed):
        web_client.status(address, deadline=web_client.Deadline(2))


def test_the_links_of_a_template_are_tried_one_by_one(acme, bob, rita, as_user, site, settings):
    source = "".join(f'<a href="{site}{path}">Link</a>' for path in ("/", "/gone", "/slow-not"))
    with scope(acme):
        template = MessageTemplate.objects.create(name="T", html=f"<p>{source}<a href='{{{{ view_url }}}}'>x</a></p>")
    where = f"/w/acme/templates/{template.pk}/checks/links/"
    with network_guard.watched() as calls:
        first = as_user(bob).post(where).content.decode()
        assert "Checking links, 2 of 3" in first
        said = first
        while "Checking links" in said:
            n, bad = re.search(r'"n": "(\d+)", "bad": "(\d+)"', said).groups()
            said = as_user(bob).post(where, {"n": n, "bad": bad}).content.decode()
    assert not calls, "in a transaction"
    assert "2 links of 3 don&#x27;t answer" in said or "2 links of 3 don't answer" in said
    assert "not there (404)" in said
    assert as_user(rita).post(where).status_code == 403
    settings.LINK_CHECKS_PER_HOUR = 3
    assert "Try again later" in as_user(bob).post(where).content.decode()


def test_a_template_without_links_says_so(acme, bob, as_user):
    with scope(acme):
        template = MessageTemplate.objects.create(name="T", html="<p>Hello</p>")
    page = as_user(bob).post(f"/w/acme/templates/{template.pk}/checks/links/").content.decode()
    assert "no links" in page
