"""The whole product, as users run it: gunicorn, the real django-q2 clusters under the watchdog, Chromium, an SMTP server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from django.db import connections

from tests.delivery import smtp

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture
def browser():
    """Chromium, for one test: Playwright keeps an event loop in this thread, in which no lane could run."""
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine: install Debian's chromium, or name one in CHROMIUM")
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Django would object to that loop, too
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def product(db, tmp_path):
    """The address of a running Fanfare, and the folder its own mails are written to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://localhost:{port}"
    mails = tmp_path / "mail"
    environment = os.environ | {
        "BASE_URL": base,
        "EMAIL_URL": "",
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "MAIL_FOLDER": str(mails),
        "LOG_LEVEL": "WARNING",
    }
    manage = [sys.executable, str(ROOT / "manage.py")]
    subprocess.run([*manage, "collectstatic", "--noinput", "--verbosity", "0"], env=environment, check=True)
    gunicorn = [str(Path(sys.executable).with_name("gunicorn")), "config.wsgi", "--bind", f"127.0.0.1:{port}"]
    gunicorn += ["--threads", "8", "--no-control-socket", "--log-level", "warning"]
    log = (tmp_path / "log").open("w")
    processes = [
        subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
        for command in (gunicorn, [*manage, "worker"])
    ]
    try:
        wait_for(lambda: urllib.request.urlopen(base + "/healthz", timeout=2).status == 200, "the web server")
        wait_for(lambda: urllib.request.urlopen(base + "/readyz", timeout=5).status == 200, "the workers", 60)

        class Product:
            address, mail_folder = base, mails

        yield Product
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
        log.close()
        print((tmp_path / "log").read_text()[-4000:])
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND usename = current_user"
            )


def wait_for(question, what: str, seconds: float = 30):
    deadline = time.monotonic() + seconds
    while True:
        try:
            answer = question()
            if answer:
                return answer
        except OSError:
            pass
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(0.25)


@pytest.fixture
def mail_server():
    with smtp.serving() as (mailbox, port):
        yield mailbox, port
