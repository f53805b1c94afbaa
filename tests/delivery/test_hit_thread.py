"""Opens and clicks at the shipped web server, which answers them in a thread of their own."""

import queue
import threading
from types import SimpleNamespace

import pytest
from django.db import connections, transaction

from config.hit_thread import HitThread
from delivery import hits, tracking
from delivery.models import IncomingHit
from delivery.views.public.tracking import PIXEL
from delivery.wsgi import Answer
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


def test_a_hit_that_comes_twice_at_once_is_one(sent):  # noqa: F811
    ids = (sent.batch.workspace_id, sent.batch.pk, 1)
    found = hits.read({"HTTP_USER_AGENT": BROWSER["user-agent"]}, ids, hits.Kind.OPEN)
    assert found is not None
    hits.record([found, found])
    assert counted(sent) == 1


class Channel:
    """Of waitress, as far as the thread uses one."""

    def __init__(self, served: queue.Queue, problem: Exception | None = None):
        self.request = SimpleNamespace(error=None, path="/o/x.gif")
        self.requests, self.total_outbufs_len = [self.request], 0
        self.served, self.problem, self.is_cancelled = served, problem, False

    def service(self) -> None:
        if self.problem:
            raise self.problem
        self.served.put(self)

    def cancel(self) -> None:
        self.is_cancelled = True


@pytest.fixture
def thread(monkeypatch):
    """The thread, whose requests are read without a server, and the pages' channels."""
    monkeypatch.setattr("config.hit_thread.WSGITask", lambda *args: SimpleNamespace(get_environment=dict))
    pages: queue.Queue = queue.Queue()
    front = SimpleNamespace(answer=lambda environ: Answer("200 OK", [], PIXEL, None))
    return HitThread(front, SimpleNamespace(add_task=pages.put)), pages


def test_an_answer_that_cant_be_sent_stops_no_other(thread):
    served: queue.Queue = queue.Queue()
    broken, whole = Channel(served, OSError("gone")), Channel(served)
    for channel in (broken, whole):
        thread[0].add_task(channel)
    assert served.get(timeout=30) is whole and broken.is_cancelled and not whole.is_cancelled


def test_hits_that_cant_be_recorded_stop_no_answer(thread, monkeypatch):
    def fail(found):
        raise RuntimeError("a fault of our own")

    monkeypatch.setattr(hits, "record", fail)
    hit = hits.NewHit((1,), {})
    thread[0]._front.answer = lambda environ: Answer("200 OK", [], PIXEL, hit)
    served: queue.Queue = queue.Queue()
    for _ in range(2):
        thread[0].add_task(Channel(served))
        assert served.get(timeout=30)


def test_behind_an_answer_that_is_not_read_the_pages_threads_wait(thread):
    channel = Channel(queue.Queue())
    channel.total_outbufs_len = 16_000_000
    thread[0].add_task(channel)
    assert thread[1].get(timeout=30) is channel
