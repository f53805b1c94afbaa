"""`manage.py doctor` names what is wrong, and what to do, through the command as operators run it."""

from __future__ import annotations

import errno
import os
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from unittest.mock import Mock

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from adminpanel import health, probes
from adminpanel.health import configuration, files, secrets, service, site
from delivery.models import Deployment, WorkerBeat
from delivery.sending import restore_guard
from kernel.files import folder, marker, names
from kernel.files.problems import Unavailable
from kernel.tenancy import scope
from tests import factories
from tests.adminpanel.test_operating import manage
from tests.adminpanel.test_webserver import serving
from tests.kept_files import bucket_options, use

PRODUCTION = {
    "FANFARE_LOCAL": "0",
    "BASE_URL": "https://x.example",
    "EMAIL_BACKEND": "",
    "EMAIL_URL": "smtp://localhost:1",
    "ADMIN_SECOND_FACTOR": "1",
}


#: they are simple, and the database of the tests knows them
KEYS_OF_THE_TESTS = {"SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "LINK_KEYS"}


def said(change: dict[str, str], arguments: str = "--offline") -> str:
    return manage(f"doctor {arguments}", os.environ | PRODUCTION | change).stdout


def doctor(change: dict[str, str], arguments: str = "--offline") -> tuple[int, dict[str, tuple[str, str]]]:
    """The exit code, and of each finding that is bad its text and what to do."""
    done = manage(f"doctor {arguments}", os.environ | PRODUCTION | change)
    assert "Traceback" not in done.stderr, done.stderr
    bad = re.findall(r"^bad  ([^:]+): (.*)\n     (.*)$", done.stdout, re.MULTILINE)
    return done.returncode, {name: (text, todo) for name, text, todo in bad}


@pytest.fixture
def well(db):
    """Workers live."""
    for queue in ("default", "bulk", "filling", "imports"):
        WorkerBeat.objects.create(queue=queue)


def swapped() -> dict[str, str]:
    return {
        "DATABASE_URL": os.environ["DATABASE_ENGINE_URL"],
        "DATABASE_ENGINE_URL": os.environ["DATABASE_URL"],
    }


def elsewhere(variable: str) -> dict[str, str]:
    return {variable: re.sub(r"@[^/]+/", "@127.0.0.1:1/", os.environ[variable])}


WEAK = {
    "SECRET_KEY": "short",
    "FIELD_ENCRYPTION_KEYS": "abc",
    "BASE_URL": "http://x.example/mail",
    "DEBUG": "1",
    "EMAIL_URL": "",
    "EPOCH_FILE": "/dev/null/epoch",
}


@pytest.mark.parametrize(
    "change, expected",
    [
        (swapped, {"web role": ("row-level security is off", "swapped"), "engine role": ("not bypass", "swapped")}),
        (
            {"SECRET_KEY": "another-key-0123456789-abcdefghijklmnopqrstuvwxyz"},
            {"signing key": ("bad tenant context", "db roles")},
        ),
        (
            WEAK,
            {
                "SECRET_KEY": ("too short", "--new-key"),
                "FIELD_ENCRYPTION_KEYS": ("too short", "--new-key"),
                "BASE_URL": ("http://x.example", "TLS"),
                "debug": ("DEBUG is on", "Unset DEBUG"),
                "EMAIL_URL": ("reach nobody", "EMAIL_URL=smtp+tls"),
                "EPOCH_FILE": ("/dev/null/epoch", "set EPOCH_FILE"),
            },
        ),
        (lambda: elsewhere("DATABASE_ENGINE_URL"), {"database (engine)": ("refused", "Is it running?")}),
    ],
    ids=["swapped addresses", "another SECRET_KEY", "weak settings", "server down"],
)
def test_what_is_wrong_is_named_with_what_to_do(well, change, expected):
    code, bad = doctor(change() if callable(change) else change)
    assert code == 1
    for name, (text, todo) in expected.items():
        assert name in bad, bad
        assert text in bad[name][0] and todo in bad[name][1], bad[name]


@pytest.mark.parametrize(
    "change, name, todo",
    [
        ({"BASE_URL": "https://x.example/mail"}, "BASE_URL", "host name of its own"),
        ({"FIELD_ENCRYPTION_KEYS": ["a" * 60]}, "FIELD_ENCRYPTION_KEYS", "--new-key"),
        ({"LINK_KEYS": ["0123456789"]}, "LINK_KEYS", "--new-key"),
        ({"BASE_URL": "https://x.example", "ADMIN_SECOND_FACTOR": False}, "ADMIN_SECOND_FACTOR", "a password alone"),
    ],
)
def test_settings_that_are_weak(settings, change, name, todo):
    for setting, value in change.items():
        setattr(settings, setting, value)
    found = findings(configuration.keys, configuration.base_url, configuration.second_factor)[name]
    assert not found.ok and todo in found.todo


def test_a_demo_on_a_laptop_needs_no_second_factor(settings):
    settings.ADMIN_SECOND_FACTOR, settings.BASE_URL = False, "http://localhost:8000"
    assert findings(configuration.second_factor)["ADMIN_SECOND_FACTOR"].ok


def test_a_sound_installation_has_no_findings(well):
    assert set(doctor({})[1]) <= KEYS_OF_THE_TESTS


def test_an_owner_that_is_the_engine_too_is_sound(well):
    """What `db roles` sets up where a provider lets nobody bypass row-level security."""
    found = said({"DATABASE_ENGINE_URL": os.environ["DATABASE_OWNER_URL"]})
    assert re.search(r"^ok   roles: web and owner, which is the engine too", found, re.MULTILINE), found


def test_one_role_for_everything_is_named(well):
    owner = os.environ["DATABASE_OWNER_URL"]
    _, bad = doctor({"DATABASE_URL": owner, "DATABASE_ENGINE_URL": owner})
    assert "not three roles" in bad["roles"][0] and "db roles" in bad["roles"][1]


def test_a_wrong_password_is_filed_under_its_connection():
    from adminpanel.health.database import _advice

    advice = _advice("engine", 'connection failed: FATAL:  password authentication failed for user "x"')
    assert advice == "The user name or password in DATABASE_ENGINE_URL is wrong."


def findings(*checks) -> dict[str, health.Finding]:
    return {finding.name: finding for check in checks for finding in check()}


def test_lost_encryption_keys_are_found(acme, settings):
    with scope(acme):
        account = factories.smtp_account(25)
        account.secret = {"password": "x"}
        account.save()
    assert findings(secrets.decryptable)["stored secrets"].ok
    settings.FIELD_ENCRYPTION_KEYS = ["a-new-key-0123456789-abcdefghijklmnopqrstuvwxyz"]
    found = findings(secrets.decryptable)["stored secrets"]
    assert not found.ok and "1 can't be decrypted" in found.text and "FIELD_ENCRYPTION_KEYS" in found.todo


def test_a_restored_database_is_said_to_be_held(well):
    restore_guard.may_send()
    Deployment.objects.using("engine").update(held_at=timezone.now(), held_because="system_identifier is 2, it was 1")
    code, bad = doctor({})
    assert code == 1 and set(bad) - KEYS_OF_THE_TESTS == {"restored database"}
    assert "nothing is sent since" in bad["restored database"][0] and "confirm_restore" in bad["restored database"][1]


def test_the_place_of_files_is_tried_and_left_clean(db, kept_files):
    found = findings(files.kept)["files"]
    assert found.ok and found.text == kept_files.describe()
    if kept_files.is_network:
        assert [found.key for found in kept_files.bucket.objects.all()] == [f"fanfare/{marker.NAME}"]
    else:
        assert [path.name for path in Path(kept_files.location).iterdir()] == [marker.NAME]


def test_a_key_that_may_not_list_unfinished_uploads_is_said(db, in_bucket, monkeypatch):
    """The daily job that frees their space lists them."""
    monkeypatch.setattr(type(in_bucket), "abandon", Mock(side_effect=Unavailable("The bucket refuses: AccessDenied")))
    found = findings(files.kept)["files"]
    assert not found.ok and "AccessDenied" in found.text and "multipart uploads" in found.todo
    monkeypatch.undo()
    assert not [found.key for found in in_bucket.bucket.objects.all() if files.PROBE in found.key]


def test_an_upload_on_its_way_outlives_the_doctor(db, in_bucket):
    in_bucket.bucket.Object("fanfare/" + names.new(1, "exports")).initiate_multipart_upload()
    assert findings(files.kept)["files"].ok
    assert len(list(in_bucket.bucket.multipart_uploads.all())) == 1


def test_a_folder_of_a_workspace_that_cannot_be_written_is_found(db, in_folder, monkeypatch):
    for name in ("1/uploads/a", "2/exports/b", "3/uploads/c"):
        (Path(in_folder.location) / name).parent.mkdir(parents=True)
    assert findings(files.kept)["files"].ok
    # Root may write where others may not, so nobody's mode is changed here.
    closed = {f"{in_folder.location}/1", f"{in_folder.location}/2/exports"}
    monkeypatch.setattr(folder.os, "access", lambda path, mode: str(path) not in closed)
    found = findings(files.kept)["files"]
    assert not found.ok and found.text.endswith("this user can't write in 1, 2/exports")
    with pytest.raises(CommandError, match="can't write in 1, 2/exports"):
        call_command("files")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_not_a_matter_of_permission(db, in_folder, monkeypatch, number):
    marker.prove(in_folder)
    monkeypatch.setattr(type(in_folder), "write", lambda *args: (_ for _ in ()).throw(OSError(number, "full")))
    found = findings(files.kept)["files"]
    assert not found.ok and found.todo == files.SPACE_TODO
    with pytest.raises(CommandError, match="Free space on the disk"):
        call_command("files")


def test_a_disk_that_is_nearly_full_is_told_before(db, in_folder, monkeypatch):
    monkeypatch.setattr(type(in_folder), "free_bytes", lambda place: files.LEAST_FREE - 1)
    found = findings(files.kept)["files"]
    assert not found.ok and "only 1023 MB are free" in found.text and found.todo == files.SPACE_TODO
    monkeypatch.setattr(type(in_folder), "free_bytes", lambda place: files.LEAST_FREE)
    assert findings(files.kept)["files"].ok


def test_files_in_the_database_are_sound(db):
    assert findings(files.kept)["files"].ok


def test_a_folder_that_is_not_shared_or_not_writable_is_named(db, in_folder, settings, tmp_path):
    assert findings(files.kept_here)["files"].ok
    use(settings, "folder.FolderStorage", {"location": str(tmp_path / "own")})
    found = findings(files.kept_here)["files"]
    assert not found.ok and "does not see the place" in found.text and "shared" in found.todo
    use(settings, "folder.FolderStorage", {"location": "/dev/null/files"})
    found = findings(files.kept_here)["files"]
    assert not found.ok and "can't be used" in found.text


def test_a_bucket_that_does_not_exist_is_named(db, s3, settings):
    use(settings, "bucket.BucketStorage", bucket_options(s3, "nowhere"))
    found = findings(files.kept)["files"]
    assert not found.ok and "NoSuchBucket" in found.text and "FILES_KEY" in found.todo


def test_offline_a_folder_is_tried_and_no_bucket_asked(well, tmp_path):
    assert f"ok   files: the folder {tmp_path}/files" in said({"FILES_URL": f"{tmp_path}/files"})
    nowhere = {"FILES_URL": "s3://nowhere", "FILES_ENDPOINT": "http://127.0.0.1:1"}
    assert "files:" not in said(nowhere)


def test_a_clock_that_differs_is_named_and_no_death_of_workers(well, monkeypatch):
    WorkerBeat.objects.update(at=timezone.now() + timedelta(hours=2))
    found = findings(service.clock, service.workers)
    assert found["clock"].ok and "clock" in found["workers"].text and "NTP" in found["workers"].todo
    WorkerBeat.objects.update(at=timezone.now())
    real = timezone.now
    monkeypatch.setattr(service.timezone, "now", lambda: real() + timedelta(hours=2))
    found = findings(service.clock, service.workers)
    assert not found["clock"].ok and "+7200" in found["clock"].text and found["workers"].ok


# --- over the network


@pytest.fixture(scope="module")
def web(django_db_setup) -> Iterator[str]:
    with serving() as (host, port):
        yield f"http://{host}:{port}"


def test_the_site_is_this_installation(web, settings):
    settings.BASE_URL = web
    found = findings(site.base_url)
    assert set(found) == {"site", "X-Forwarded-For", "slow clients"}
    assert all(finding.ok for finding in found.values()), found


class Proxy(BaseHTTPRequestHandler):
    """Sends what it is asked to the web server, with headers as `changed` says; or answers itself."""

    web = ""
    answer: tuple[int, dict[str, str]] | None = None
    changed: dict[str, str] = {}

    def do_GET(self):
        import http.client

        status, headers, body = (*self.answer, b"ok\n") if self.answer else (200, {}, b"")
        if not self.answer:
            connection = http.client.HTTPConnection(self.web.removeprefix("http://"))
            given = {
                name: value.format(given=self.headers.get("X-Forwarded-For", ""))
                for name, value in self.changed.items()
            }
            connection.request("GET", self.path, headers=dict(self.headers) | given)
            answer = connection.getresponse()
            status, body = answer.status, answer.read()
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def proxy(web: str, answer=None, **changed: str) -> Iterator[str]:
    kind = type("OneProxy", (Proxy,), {"web": web, "answer": answer, "changed": changed})
    server = HTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_somebody_else_at_the_address(web, settings):
    with proxy(web, (200, {})) as settings.BASE_URL:
        assert "somebody else" in findings(site.base_url)["site"].text
    with proxy(web, (301, {"Location": "https://y.example/healthz"})) as settings.BASE_URL:
        assert "https://y.example" in findings(site.base_url)["site"].todo
    settings.BASE_URL = "http://127.0.0.1:1"
    assert "nothing answers" in findings(site.base_url)["site"].text


def test_a_proxy_whose_visitors_are_not_known(web, settings, monkeypatch):
    monkeypatch.setattr(site, "_slow_clients", lambda: [])
    with proxy(web, **{"X-Forwarded-For": "{given}, 198.51.100.4"}) as settings.BASE_URL:
        found = findings(site.base_url)["X-Forwarded-For"]
    assert not found.ok and "TRUSTED_PROXIES" in found.todo


@pytest.mark.parametrize(
    "portrait, bad",
    [
        ({}, set()),
        ({"secure": False}, {"X-Forwarded-Proto"}),
        ({"address": site.PRETENDED}, {"X-Forwarded-For"}),
        ({"address": "10.0.0.2", "peer": "10.0.0.2", "forwarded": "198.51.100.4"}, {"X-Forwarded-For"}),
        ({"address": None, "peer": ""}, {"X-Forwarded-For"}),
        ({"address": "127.0.0.1", "peer": "127.0.0.1", "forwarded": "127.0.0.1"}, set()),  # doctor beside the proxy
        ({"address": "198.51.100.4", "forwarded": f"{site.PRETENDED}, 198.51.100.4"}, set()),
    ],
)
def test_headers_that_the_proxy_forgets(settings, portrait, bad):
    settings.BASE_URL = "https://x.example"
    usual = {"secure": True, "address": "198.51.100.4", "peer": "10.0.0.2", "forwarded": "198.51.100.4"}
    found = site._proxy_headers(usual | portrait)
    assert {finding.name for finding in found if not finding.ok} == bad


def test_slow_clients_that_stop_the_server_are_found(settings, monkeypatch):
    """A server with one thread, as any that reads requests itself."""
    monkeypatch.setattr(site, "SECONDS", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        settings.BASE_URL = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        (finding,) = site._slow_clients()
    assert not finding.ok and "gunicorn.conf.py" in finding.todo


def test_only_who_has_the_key_sees_how_a_request_arrives(client, settings):
    assert client.get("/healthz", headers={probes.HEADER: "x:y:z"}).content == b"ok\n"
    token = probes.make_token()
    body = client.get("/healthz", headers={probes.HEADER: token}).content
    assert probes.read_portrait(token, body)["peer"] == "127.0.0.1"
    assert probes.read_portrait(probes.make_token(), body) is None
    settings.SECRET_KEY = "another" * 10
    assert probes.read_portrait(token, body) is None
