"""Reading from hosts that a merchant names: no private address at any hop, and an end to everything."""

import gzip
import socket
import time

import pytest

from kernel import outbound, web_client
from kernel.web_client import Deadline, Failed
from tests.local_web import served


@pytest.fixture
def site(monkeypatch):
    with served(monkeypatch) as found:
        yield found


def read(path: str = "/", *, seconds: float = 10.0, most: int = 100_000, host: str = "127.0.0.1", **more):
    return web_client.read(f"http://{host}{path}", deadline=Deadline(seconds), most=most, **more)


def test_a_page_is_read_with_what_its_server_says_of_it(site):
    site.gives("/", "<p>Café</p>".encode("latin-1"), "Text/HTML; charset=ISO-8859-1")
    answer = read()
    assert (answer.content_type, answer.charset, answer.body) == ("text/html", "iso-8859-1", b"<p>Caf\xe9</p>")
    site.redirects("/old", "/")
    assert read("/old").url == "http://127.0.0.1/"


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.2/", "http://localhost./", "http://10.0.0.1/", "http://169.254.169.254/latest/", "http://[::1]/"],
)
def test_a_redirect_into_the_private_network_is_refused_before_anything_is_sent(site, monkeypatch, target):
    called = []
    connect = socket.create_connection
    monkeypatch.setattr(
        socket, "create_connection", lambda address, **more: called.append(address[0]) or connect(address, **more)
    )
    if "localhost" in target:
        # Names count by what they lead to.
        monkeypatch.setattr(socket, "getaddrinfo", _leads_to("192.168.0.7"))
    site.redirects("/", target)
    with pytest.raises(Failed, match=r"private|can.t be found"):
        read()
    assert called == ["127.0.0.1"]


def _leads_to(private: str):
    real = socket.getaddrinfo

    def found(host, port, *arguments, **more):
        return real(private if host.startswith("localhost") else host, port, *arguments, **more)

    return found


def test_no_private_address_without_the_tests_leave(site, monkeypatch, settings):
    settings.SMTP_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]  # for mail servers only
    monkeypatch.undo()
    with pytest.raises(outbound.Refused):
        outbound.resolve_website("127.0.0.1", 80)


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "http://",
        "http://user:word@127.0.0.1/",
        "http://127.0.0.1:22/",
        "http://127.0.0.1:99999/",
        "http://[",
        "http://127.0.0.1/\r\nX: y",
        "http://127.0.0.1/" + "a" * 3000,
        "javascript:alert(1)",
    ],
)
def test_what_is_no_address_of_a_website_is_said(site, address):
    with pytest.raises(Failed, match=r"address|port"):
        web_client.read(address, deadline=Deadline(5), most=1000)
    assert site.asked == []


def test_more_than_the_limit_is_refused_or_cut(site):
    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        for _megabyte in range(50):
            handler.wfile.write(b"a" * (1 << 20))

    site.answers["/"] = endless
    with pytest.raises(Failed, match="sends more than"):
        read()
    assert len(read(is_cut=True).body) == 100_000


def test_a_small_file_that_unpacks_to_a_large_one_is_cut_too(site):
    site.gives("/", gzip.compress(b"a" * (20 << 20)), Content_Encoding="gzip")
    with pytest.raises(Failed, match="sends more than"):
        read()
    assert len(read(is_cut=True).body) == 100_000
    site.gives("/", b"no gzip", Content_Encoding="gzip")
    with pytest.raises(Failed, match=r"can.t be read"):
        read()


@pytest.mark.parametrize("drips", [False, True], ids=["silent", "a byte at a time"])
def test_a_server_that_hangs_ends_at_the_deadline(site, drips):
    def hang(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not site.closing.wait(0.05):
            if drips:
                handler.wfile.write(b"X")

    site.answers["/"] = hang
    began = time.monotonic()
    with pytest.raises(Failed, match="too long"):
        read(seconds=0.5)
    assert time.monotonic() - began < 8  # it would be for ever


def test_redirects_end(site):
    site.redirects("/", "/")
    with pytest.raises(Failed, match="without end"):
        read()
    assert len(site.asked) == web_client.MAX_HOPS + 1


def test_what_is_no_page_is_told(site):
    with pytest.raises(Failed, match="404"):
        read("/nothing")
    site.answers["/"] = lambda handler: handler.wfile.write(b"\x00\x01 no HTTP\r\n\r\n")
    with pytest.raises(Failed, match=r"can.t be reached"):
        read()
