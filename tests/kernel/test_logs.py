"""What a log line holds: as text and as JSON, with the request's id, without the keys of visitors' pages."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kernel import middleware
from kernel.logs import JsonFormatter, LineFormatter, request_id

ROOT = Path(__file__).resolve().parents[2]
KEY = "https://x.example/u/0123456789abcdefghij/"


def record(text: str, *values: object, failed: bool = False) -> logging.LogRecord:
    exc_info = None
    if failed:
        try:
            raise ValueError(KEY)
        except ValueError:
            exc_info = sys.exc_info()
    return logging.LogRecord("fanfare.web", logging.ERROR, "", 0, text, values, exc_info)


def test_an_event_is_one_json_object():
    line = JsonFormatter().format(record('a "quoted"\nline of %s', KEY, failed=True))
    assert "\n" not in line
    event = json.loads(line)
    assert event["message"] == 'a "quoted"\nline of https://x.example/u/…/'
    assert (event["level"], event["logger"]) == ("ERROR", "fanfare.web") and event["time"].endswith("+00:00")
    assert event["traceback"].endswith("ValueError: https://x.example/u/…/") and "request_id" not in event


def test_an_event_names_its_request():
    token = request_id.set("abc-123-def")
    try:
        assert json.loads(JsonFormatter().format(record("x")))["request_id"] == "abc-123-def"
        line = LineFormatter("{levelname} {request}{message}", style="{")
        assert line.format(record("x")) == "ERROR abc-123-def x"
    finally:
        request_id.reset(token)
    assert line.format(record("x")) == "ERROR x"


@pytest.mark.parametrize(
    "given, is_taken",
    [
        ("4bf92f3577b34da6-a3ce929d0e0e4736", True),
        ("", False),
        ("short", False),
        ("x" * 65, False),
        ("abcdefgh ERROR fanfare", False),
        ("abcdefgh\nERROR", False),
        ("abcdefgh\n", False),
        ("ünïcödé-é", False),
    ],
)
def test_a_request_keeps_only_a_sane_id(rf, given, is_taken):
    seen = []

    def view(request):
        seen.append(request_id.get())
        return middleware.HttpResponse()

    answer = middleware.RequestId(view)(rf.get("/", headers={"X-Request-ID": given}))
    assert (answer["X-Request-ID"] == given) is is_taken
    assert seen == [answer["X-Request-ID"]] and middleware.SANE_ID.fullmatch(seen[0]) and request_id.get() == ""


def test_a_page_says_its_id(client, db):
    first, second = (client.get("/accounts/login/")["X-Request-ID"] for _ in range(2))
    assert first != second


@pytest.mark.parametrize("wanted", ["json", "line", "xml"])
def test_every_process_logs_as_the_setting_says(wanted):
    """gunicorn, too, which has a logging of its own."""
    script = (
        "import logging, logging.config\nexec(open('gunicorn.conf.py').read())\n"
        "logging.config.dictConfig(logconfig_dict)\n"
        "logging.getLogger('gunicorn.error').error('of gunicorn')\nlogging.getLogger('any').error('of others')"
    )
    environment = os.environ | {"LOG_FORMAT": wanted}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, cwd=ROOT, check=False
    )
    if wanted == "xml":
        assert "LOG_FORMAT is 'xml'; say line or json." in done.stderr and "Traceback" not in done.stderr
        return
    lines = done.stderr.splitlines()
    if wanted == "json":
        assert [json.loads(line)["message"] for line in lines] == ["of gunicorn", "of others"]
    else:
        assert [line.split(" ", 2)[2] for line in lines] == ["ERROR gunicorn.error of gunicorn", "ERROR any of others"]


@pytest.mark.parametrize("wanted", ["line", "json"])
def test_a_refused_request_takes_one_line(wanted):
    """As Django logs a wrong host name: with the exception."""
    script = (
        "import django, logging; django.setup()\n"
        "from django.core.exceptions import DisallowedHost\n"
        "try:\n    raise DisallowedHost('no such host')\n"
        "except DisallowedHost as refused:\n"
        "    logging.getLogger('django.security.DisallowedHost').error(refused, exc_info=refused)"
    )
    environment = os.environ | {"LOG_FORMAT": wanted}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, cwd=ROOT, check=True
    )
    (line,) = done.stderr.splitlines()
    assert "no such host" in line and "Traceback" not in line


def test_requests_that_wait_for_a_thread_are_not_logged():
    assert not logging.getLogger("waitress.queue").isEnabledFor(logging.WARNING)
