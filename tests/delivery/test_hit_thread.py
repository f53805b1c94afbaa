"""Opens and clicks at the shipped web server, which answers them in a thread of their own."""

import threading

import pytest
from django.db import connections, transaction

from delivery import tracking
from delivery.models import IncomingHit
from delivery.views.public.tracking import PIXEL
from kernel.tenancy import scope
from tests.adminpanel.test_webserver import ask, connect, read, serving
from tests.delivery.test_public_pages import BROWSER, sent  # noqa: F401  (a fixture)

VISITORS = 20  # more than the server has threads for pages
HEALTH = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture(scope="module")
def server(django_db_setup):
    with serving() as address:
        yield address


def get(path: str, method: str = "GET") -> str:
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: {BROWSER['user-agent']}\r\n"


def pixels(sent, n: int) -> list[str]:  # noqa: F811
    signer = tracking.signer(tracking.MESSAGE, sent.batch.workspace_id, sent.batch.pk)
    return [f"/o/{signer.sign(person)}.gif" for person in range(1, n + 1)]


def counted(sent) -> int:  # noqa: F811
    with scope(sent.batch.workspace_id):
        return IncomingHit.objects.count()


def test_pages_are_served_while_the_database_takes_no_hits(server, sent):  # noqa: F811
    request = "{}Connection: close\r\n\r\n"
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        cursor.execute("LOCK TABLE delivery_incominghit IN ACCESS EXCLUSIVE MODE")
        visitors = [connect(server, request.format(get(path)).encode()) for path in pixels(sent, VISITORS)]
        page = ask(server, request.format(HEALTH).encode())
        for visitor in visitors:
            visitor.setblocking(False)
        with pytest.raises(BlockingIOError):
            visitors[0].recv(1)
    assert page.startswith(b"HTTP/1.1 200")
    for visitor in visitors:
        visitor.settimeout(30)
        assert read(visitor).endswith(PIXEL)
        visitor.close()


def test_hits_and_pages_of_one_connection_are_answered_in_their_order(server, sent):  # noqa: F811
    (pixel,) = pixels(sent, 1)
    # Django answers the first click, since this process does not know the link yet.
    paths = [HEALTH, get(pixel), get(sent.click), get(pixel, "HEAD"), get(sent.click)]
    requests = "".join(f"{one}\r\n" for one in paths) + f"{HEALTH}Connection: close\r\n\r\n"
    answer = ask(server, requests.encode())
    found = [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]
    assert found == [200, 200, 302, 200, 302, 200]
    assert answer.count(PIXEL) == 1, "the answer to a HEAD has no body"
    assert counted(sent) == 2


def test_visitors_that_are_gone_before_they_are_answered_are_counted_and_stop_nobody(server, sent):  # noqa: F811
    for path in pixels(sent, VISITORS):
        connect(server, f"{get(path)}\r\n".encode()).close()
    (last,) = pixels(sent, VISITORS + 1)[VISITORS:]
    assert ask(server, f"{get(last)}Connection: close\r\n\r\n".encode()).endswith(PIXEL)
    assert counted(sent) >= 1


def test_many_visitors_at_once_are_counted_each(server, sent):  # noqa: F811
    found = []

    def visit(path: str) -> None:
        found.append(ask(server, f"{get(path)}Connection: close\r\n\r\n".encode()).endswith(PIXEL))

    threads = [threading.Thread(target=visit, args=(path,)) for path in pixels(sent, 5 * VISITORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == [True] * 5 * VISITORS
    assert counted(sent) == 5 * VISITORS
