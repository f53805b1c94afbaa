"""Opens and clicks are answered in front of Django as Django answers them, and none that was answered is lost."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import unquote_to_bytes

import psycopg
import pytest
from django.db import connections, transaction
from django.test import RequestFactory

from contacts.models import Contact
from contacts.privacy import erasure
from delivery import hits, tracking
from delivery.models import Hit, IncomingHit
from delivery.views.public.tracking import PIXEL
from delivery.wsgi import Tracking
from kernel import spools
from kernel.bounded_cache import BoundedCache
from kernel.tenancy import scope
from kernel.wsgi import Handler
from tests.adminpanel.test_webserver import ROOT, wait_for_answer
from tests.delivery.test_public_pages import BROWSER, fold_all, sent  # noqa: F401  (a fixture)

AGENT = BROWSER["user-agent"]
OF_THE_MOMENT = {"Expires": "a time", "X-Request-ID": "a name"}


class Django:
    """Counts what is not answered in front of it."""

    def __init__(self):
        self.handler, self.asked = Handler(), 0

    def __call__(self, environ, start_response):
        self.asked += 1
        return self.handler(environ, start_response)


@pytest.fixture
def django():
    return Django()


@pytest.fixture
def front(django):
    return Tracking(django)


def ask(application, path: str, method: str = "GET", query: str = "", **environ):
    """Status, headers and body."""
    answer = []
    request = RequestFactory().generic(method, "/", QUERY_STRING=query, HTTP_HOST="localhost:8000")
    # As servers give it (PEP 3333): decoded from %-escapes to bytes, which are written as Latin-1.
    values = {
        "HTTP_USER_AGENT": AGENT,
        **request.environ,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        **environ,
    }
    body = application(values, lambda status, headers, *rest: answer.extend([status, headers]))
    content = b"".join(body)
    if hasattr(body, "close"):
        body.close()
    return answer[0], dict(answer[1]), content if method != "HEAD" else b""


def same(found, wanted) -> bool:
    """Status, body and headers; what belongs to the moment is in both."""
    assert (found[0], found[2]) == (wanted[0], wanted[2])
    assert comparable(found[1]) == comparable(wanted[1])
    return True


def comparable(headers: dict[str, str]) -> dict:
    """Policies are sets of directives. A picture and a redirect have no language, whatever the middleware says."""
    return {
        name: OF_THE_MOMENT.get(name) or (set(value.split("; ")) if "Policy" in name else value)
        for name, value in headers.items()
        if name != "Content-Language"
    }


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_open_and_a_click_are_answered_as_django_does(sent, front, django, method):  # noqa: F811
    ask(front, sent.click)  # now the link is known
    django.asked = 0
    for path in (sent.pixel, sent.click):
        found = ask(front, path, method, query="url=https://evil.example")
        assert not django.asked
        assert same(found, ask(Handler(), path, method))


ODD = {
    "another method": {"method": "POST"},
    "options": {"method": "OPTIONS"},
    "a body": {"CONTENT_LENGTH": "3"},
    "a length that is none": {"CONTENT_LENGTH": "x"},
    "too large a body": {"CONTENT_LENGTH": "999999999999"},
    "another host": {"HTTP_HOST": "evil.example"},
    "a host that is none": {"HTTP_HOST": "a b"},
    "a NUL in the query": {"query": "a=%00"},
    "an escape in a cookie": {"HTTP_COOKIE": 'a="\\000"'},
    "htmx": {"HTTP_HX_REQUEST": "true"},
}


@pytest.mark.parametrize("odd", ODD)
def test_what_is_odd_goes_to_django(sent, front, django, odd):  # noqa: F811
    ask(front, sent.click)
    for path in (sent.pixel, sent.click):
        before = django.asked
        found = ask(front, path, **ODD[odd])
        assert django.asked == before + 1
        assert found[0] == ask(Handler(), path, **ODD[odd])[0]


@pytest.mark.parametrize(
    "path",
    [
        *("/o/forged.gif", "/o/.gif", "/o/x", "/c/forged/0/", "/c/forged/0", "/o/é.gif", "/o/a/b.gif"),
        *("{click}99999999999/", "{click}99/", "{click}-1/", "{click}٣/", "{pixel}.png", "{pixel}%00"),
    ],
)
def test_what_is_no_link_goes_to_django(sent, front, django, path):  # noqa: F811
    path = path.format(click=sent.click.rsplit("/", 2)[0] + "/", pixel=sent.pixel.removesuffix(".gif"))
    found = ask(front, path)
    assert django.asked == 1 and found[0][:3] in ("404", "301")
    with scope(sent.batch.workspace_id):
        assert not IncomingHit.objects.exists()


def test_a_link_of_a_test_goes_to_django(sent, front, django):  # noqa: F811
    ask(front, sent.click)
    token = tracking.sign(tracking.TEST, sent.batch.workspace_id, sent.batch.pk, 0)
    django.asked = 0
    for path in (f"/o/{token}.gif", f"/c/{token}/0/"):
        ask(front, path)
    assert django.asked == 2
    with scope(sent.batch.workspace_id):
        assert IncomingHit.objects.count() == 1


def test_http_is_redirected_where_https_is_wanted(sent, django, settings):  # noqa: F811
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    front = Tracking(Handler())
    assert ask(front, sent.pixel)[0].startswith("301")
    assert same(
        ask(front, sent.pixel, HTTP_X_FORWARDED_PROTO="https"),
        ask(Handler(), sent.pixel, HTTP_X_FORWARDED_PROTO="https"),
    )


def test_a_request_keeps_the_name_that_a_proxy_gave_it(sent, front):  # noqa: F811
    assert ask(front, sent.pixel, HTTP_X_REQUEST_ID="abcdefgh1")[1]["X-Request-ID"] == "abcdefgh1"
    assert ask(front, sent.pixel, HTTP_X_REQUEST_ID="a b\n")[1]["X-Request-ID"] != "a b\n"


def test_a_hit_keeps_what_later_questions_need_and_no_address(sent, front, settings):  # noqa: F811
    ask(front, sent.click)
    hits.RECENT.clear()
    ask(front, sent.click, REMOTE_ADDR="2001:db8:1:2::3", HTTP_USER_AGENT="x" * 1000)
    hits.RECENT.clear()
    settings.TRUSTED_PROXIES = 1
    ask(front, sent.pixel, HTTP_X_FORWARDED_FOR="1.2.3.4, 203.0.113.77")
    hits.RECENT.clear()
    ask(front, sent.pixel, HTTP_X_FORWARDED_FOR="", REMOTE_ADDR="")
    with scope(sent.batch.workspace_id):
        rows = list(IncomingHit.objects.order_by("id").values_list("kind", "link", "network", "made_by"))
        assert rows == [
            (2, 0, "127.0.0.0", 1),
            (2, 0, "2001:db8:1::", 1),
            (1, None, "203.0.113.0", 1),
            (1, None, None, 1),
        ]
        assert [len(agent) for agent in IncomingHit.objects.order_by("id").values_list("agent", flat=True)][1] == 300


def test_of_who_refused_nothing_is_kept_but_the_click(sent, front):  # noqa: F811
    with scope(sent.batch.workspace_id):
        person = Hit(contact_id=tracking.read(tracking.MESSAGE, sent.click.split("/")[2])[2]).contact_id
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE contacts_contact SET tracking_status = 'unsubscribed' WHERE id = %s", [person])
    ask(front, sent.click)
    ask(front, sent.pixel)
    fold_all()
    with scope(sent.batch.workspace_id):
        assert not IncomingHit.objects.exists()
        assert list(Hit.objects.values_list("kind", "agent", "network")) == [(2, "", None)]


def test_of_who_was_erased_nothing_is_kept_but_the_click(sent, front):  # noqa: F811
    with scope(sent.batch.workspace_id):
        person = Contact.objects.get(pk=tracking.read(tracking.MESSAGE, sent.click.split("/")[2])[2])
        Contact.objects.filter(pk=person.pk).update(tracking_status="pending")
        erasure.erase(person)
    ask(front, sent.click)
    ask(front, sent.pixel)
    fold_all()
    with scope(sent.batch.workspace_id):
        assert list(Hit.objects.values_list("kind", "agent", "network")) == [(2, "", None)]


def test_the_database_may_be_away(sent, front, monkeypatch):  # noqa: F811
    ask(front, sent.click)
    hits.RECENT.clear()
    monkeypatch.setattr(hits.SPOOL, "_execute", lambda rows: (_ for _ in ()).throw(psycopg.OperationalError("gone")))
    assert ask(front, sent.click)[0] == "302 Found"
    assert ask(front, sent.pixel)[0] == "200 OK"
    monkeypatch.undo()
    ask(front, sent.pixel)
    with scope(sent.batch.workspace_id):
        assert IncomingHit.objects.count() == 2, "a hit that was not recorded is no reason to leave out the next"


def test_a_connection_that_was_closed_meanwhile_loses_nothing(sent, front):  # noqa: F811
    ask(front, sent.pixel)
    hits.SPOOL._connection.close()
    ask(front, sent.click)
    with connections["engine"].cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [hits.SPOOL._connection.info.backend_pid])
    hits.RECENT.clear()
    ask(front, sent.pixel)
    with scope(sent.batch.workspace_id):
        assert IncomingHit.objects.count() == 3


def in_a_thread(act) -> threading.Thread:
    """Run it elsewhere, so that a test of what must not wait for ever ends in any case."""
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    thread.join(60)
    return thread


def test_a_locked_table_costs_seconds_and_not_the_answer(sent, front, monkeypatch):  # noqa: F811
    monkeypatch.setattr(hits.SPOOL, "_connection", None)
    answers = []
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        cursor.execute("LOCK TABLE delivery_incominghit IN ACCESS EXCLUSIVE MODE")
        thread = in_a_thread(lambda: answers.append(ask(front, sent.pixel)[0]))
        was_answered = not thread.is_alive()
    thread.join(60)
    assert was_answered and answers == ["200 OK"]
    ask(front, sent.pixel)
    with scope(sent.batch.workspace_id):
        assert IncomingHit.objects.count() == 1


def test_a_server_that_says_nothing_is_left_alone(sent, front, monkeypatch):  # noqa: F811
    ask(front, sent.pixel)
    silent = hits.SPOOL._connection
    silent.execute("SET statement_timeout = 0")
    hits.RECENT.clear()
    monkeypatch.setattr(hits.SPOOL, "_sql", b"SELECT pg_sleep(600), $1::json")
    monkeypatch.setattr(spools, "ANSWER_SECONDS", 0.1, raising=False)
    answers = []
    pid = silent.info.backend_pid
    thread = in_a_thread(lambda: answers.append(ask(front, sent.pixel)[0]))
    was_answered = not thread.is_alive()
    monkeypatch.undo()
    with connections["engine"].cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    thread.join(60)
    assert was_answered and answers == ["200 OK"]
    hits.RECENT.clear()
    ask(front, sent.pixel)
    with scope(sent.batch.workspace_id):
        assert IncomingHit.objects.count() == 2


def test_a_thread_that_is_ended_while_it_writes_leaves_the_spool_to_others(sent, monkeypatch):  # noqa: F811
    def end(rows):
        raise SystemExit

    row = {"workspace_id": sent.batch.workspace_id, "batch_id": sent.batch.pk, "contact_id": 1, "kind": 1}
    row |= {"link": None, "made_by": 1, "agent": "", "network": None}
    monkeypatch.setattr(hits.SPOOL, "_has_writer", False)
    with monkeypatch.context() as patched:
        patched.setattr(hits.SPOOL, "_execute", end)
        with pytest.raises(SystemExit):
            hits.SPOOL.append([row])
    assert not in_a_thread(lambda: hits.SPOOL.append([row])).is_alive()
    with scope(sent.batch.workspace_id):
        assert IncomingHit.objects.count() == 1


def test_what_a_process_remembers_is_bounded():
    cache = BoundedCache(10)
    for n in range(50):
        cache.put(n, n)
        cache.put(45, 0)
    assert len(cache) == 10 and cache.get(49) == 49 and cache.get(45) == 0 and cache.get(0) is None


def open_many(port: int, workspace: int, batch: int, first: int, answered: list[int]) -> None:
    """Open messages of many people over one connection until the server is gone. Ids that were answered are noted."""
    signer = tracking.signer(tracking.MESSAGE, workspace, batch)
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    contact = first
    try:
        while True:
            client.request("GET", f"/o/{signer.sign(contact)}.gif", headers={"Host": "localhost", **BROWSER})
            assert client.getresponse().read() == PIXEL
            answered.append(contact)
            contact += 1
    except (OSError, http.client.HTTPException):
        client.close()


def test_every_hit_that_was_answered_is_folded_though_the_server_is_killed(sent):  # noqa: F811
    workspace, batch = sent.batch.workspace_id, sent.batch.pk
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).with_name("gunicorn")), "config.wsgi", "--bind", f"127.0.0.1:{port}"]
    server = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"WEB_CONCURRENCY": "2"}, start_new_session=True)
    answered: list[int] = []
    threads = [
        threading.Thread(target=open_many, args=(port, workspace, batch, 10_000_000 * n, answered)) for n in range(1, 9)
    ]
    try:
        wait_for_answer(("127.0.0.1", port))
        for thread in threads:
            thread.start()
        while len(answered) < 300 and any(thread.is_alive() for thread in threads):
            time.sleep(0.001)
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(30)
    for thread in threads:
        thread.join(30)
    fold_all()
    with scope(workspace):
        folded = set(Hit.objects.values_list("contact_id", flat=True))
    assert len(answered) >= 300 and set(answered) <= folded
    assert len(folded - set(answered)) <= len(threads), "those on their way"
