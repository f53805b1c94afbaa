"""The whole product, as users run it: gunicorn, the real django-q2 clusters under the watchdog, Chromium, an SMTP server.

Starting it takes longer than most journeys, so the tests of a module share one product and its database, which is
emptied after the module. A test makes what it needs under names of its own, and expects nothing of the other tests: which
of them ran before in this process depends on pytest-xdist.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connections

from accounts.models import User
from adminpanel import health
from tests import conftest
from tests.database import WORKER
from tests.delivery import smtp

ROOT = Path(__file__).resolve().parents[2]
MANAGE = [sys.executable, str(ROOT / "manage.py")]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
T = TypeVar("T")


@dataclass
class Product:
    """A running Fanfare."""

    address: str
    mail_folder: Path  # where it writes its own mails
    environment: dict[str, str]
    ids: dict[str, int] = field(default_factory=dict)

    def manage(self, *arguments: str) -> None:
        subprocess.run([*MANAGE, *arguments], env=self.environment, cwd=ROOT, check=True)

    def start(self, command: list[str], log: Path) -> subprocess.Popen:
        with log.open("a") as output:
            return subprocess.Popen(
                command, env=self.environment, cwd=ROOT, stdout=output, stderr=output, start_new_session=True
            )


@pytest.fixture
def browser():
    """Chromium, for one test: Playwright keeps an event loop in this thread, in which no lane could run."""
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine: install Debian's chromium, or name one in CHROMIUM")
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Django would refuse queries because of that loop
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="module")
def db(django_db_setup, django_db_blocker):
    """Replaces the fixture of the same name: the database is emptied after the module, when the product has stopped."""
    with django_db_blocker.unblock(), conftest.emptied_afterwards():
        yield


@pytest.fixture(scope="session")
def static_files(tmp_path_factory) -> Path:
    """The folder of collected static files: made once per run, by the first worker that needs it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if WORKER else base) / "staticfiles"  # the parent belongs to all workers of this run
    made = folder.with_suffix(".made")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            environment = os.environ | settings_for(folder)
            subprocess.run(
                [*MANAGE, "collectstatic", "--noinput", "--verbosity", "0"], env=environment, cwd=ROOT, check=True
            )
            made.touch()
    return folder


def settings_for(static_files: Path) -> dict[str, str]:
    return {"DJANGO_SETTINGS_MODULE": "tests.journeys.settings", "STATIC_ROOT": str(static_files)}


@pytest.fixture(scope="module")
def product(db, static_files, tmp_path_factory) -> Iterator[Product]:
    """The product, running for the tests of one module."""
    folder = tmp_path_factory.mktemp("product")
    log, port = folder / "log", free_port()
    environment = {
        "BASE_URL": f"http://localhost:{port}",
        "EMAIL_URL": "",
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "MAIL_FOLDER": str(folder / "mail"),
        "LOG_LEVEL": "WARNING",
    }
    product = Product(environment["BASE_URL"], folder / "mail", os.environ | environment | settings_for(static_files))
    gunicorn = [str(Path(sys.executable).with_name("gunicorn")), "config.wsgi", "--bind", f"127.0.0.1:{port}"]
    processes = [product.start(command, log) for command in (gunicorn, [*MANAGE, "worker"])]
    try:
        wait_for(lambda: answers(product.address + "/readyz"), "the web server", 60)
        wait_for(have_workers_begun, "the workers", 90, pause=1)
        yield product
    finally:
        stop(processes)
        print(log.read_text()[-4000:])
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND usename = current_user"
            )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(address: str) -> bool:
    return urllib.request.urlopen(address, timeout=5).status == 200


def have_workers_begun() -> bool:
    return all(finding.ok for finding in health.check_all() if finding.name == "workers")


def stop(processes: list[subprocess.Popen]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_for(question: Callable[[], T], what: str, seconds: float = 30, *, pause: float = 0.25) -> T:
    """Ask until the answer is true, and return it. Raises AssertionError when the time is over."""
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
        time.sleep(pause)


def make_person(email: str, name: str, **fields) -> User:
    """A person who can log in to the product: it uses argon2, the tests a faster hasher."""
    person = conftest.make_user(email, name, **fields)
    person.password = make_password(conftest.PASSWORD, hasher="argon2")
    person.save()
    return person


@pytest.fixture
def mail_server():
    with smtp.serving() as (mailbox, port):
        yield mailbox, port
