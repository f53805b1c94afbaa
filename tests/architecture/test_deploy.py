"""The files in deploy/ agree with the product. `.ci/install` runs units and nginx's file; containers are only read here."""

import configparser
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from kernel.lifeline import GRACE
from kernel.middleware import FORM_OVERHEAD

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
MEGABYTE = 1024 * 1024


def service(name: str) -> configparser.SectionProxy:
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str
    unit.read(DEPLOY / "systemd" / f"{name}.service")
    return unit["Service"]


def processes() -> dict[str, list[str]]:
    """What the Procfile starts."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    return {name: shlex.split(command) for name, _, command in (line.partition(": ") for line in lines)}


def compose() -> dict:
    return yaml.safe_load((DEPLOY / "docker" / "compose.yaml").read_text())


def test_units_and_containers_start_what_the_procfile_starts():
    web, worker = processes()["web"], processes()["worker"]
    dockerfile = (DEPLOY / "docker" / "Dockerfile").read_text()
    in_container = [
        part.strip('", ') for part in re.search(r"^CMD \[(.*)\]$", dockerfile, re.MULTILINE)[1].split('", "')
    ]
    for started in (shlex.split(service("fanfare-web")["ExecStart"]), in_container):
        bind = started.index("--bind")
        assert [Path(started[0]).name, *started[1:bind], *started[bind + 2 :]] == web
    started = shlex.split(service("fanfare-worker")["ExecStart"])
    assert [Path(started[0]).name, *started[1:]] == worker == compose()["services"]["worker"]["command"]


@pytest.mark.parametrize("name", ["fanfare-web", "fanfare-worker", "fanfare-backup"])
def test_units_run_as_nobody_special(name):
    unit = service(name)
    assert unit["User"] == "fanfare" and unit["ProtectSystem"] == "strict" and unit["NoNewPrivileges"] == "yes"


def test_a_worker_is_given_time_to_end():
    unit, container = service("fanfare-worker"), compose()["services"]["worker"]
    assert unit["KillMode"] == "mixed" and int(unit["TimeoutStopSec"]) >= GRACE + 5
    assert int(container["stop_grace_period"].removesuffix("s")) >= GRACE + 5
    assert container["init"] is True  # who reaps what the queues' processes leave


def test_a_worker_in_a_container_is_asked_whether_its_queues_answer():
    worker = compose()["services"]["worker"]
    address = worker["environment"]["WORKER_HEALTH_ADDRESS"]
    assert f"http://{address}/health'" in worker["healthcheck"]["test"][-1]


def test_proxies_let_pass_what_fanfare_takes():
    """Imports as large as IMPORT_MAX_MB says by default, everything else as large as a form may be."""
    nginx = (DEPLOY / "nginx" / "fanfare.conf").read_text()
    forms, imports = (int(n) for n in re.findall(r"client_max_body_size (\d+)m;", nginx))
    assert imports * MEGABYTE == 200 * MEGABYTE + FORM_OVERHEAD
    assert forms * MEGABYTE >= settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    (pattern,) = re.findall(r"location ~ (\S+) \{", nginx)
    assert re.search(pattern, "/w/acme/contacts/imports/new/") and not re.search(pattern, "/w/acme/contacts/")
    caddy = (DEPLOY / "caddy" / "Caddyfile").read_text()
    assert set(re.findall(r"path_regexp (\S+)", caddy)) == {pattern}
    assert re.findall(r"max_size (\d+)MB", caddy) == [str(imports), str(forms)]


def test_the_container_has_caddys_file_with_its_own_address():
    for_host = (DEPLOY / "caddy" / "Caddyfile").read_text()
    assert (DEPLOY / "docker" / "Caddyfile").read_text() == for_host.replace("127.0.0.1:8000", "web:8000")


def test_compose_names_what_is_there():
    found = compose()
    used = {volume.partition(":")[0] for s in found["services"].values() for volume in s.get("volumes", [])}
    assert {name for name in used if not name.startswith(".")} == set(found["volumes"])
    for name, entry in found["services"].items():
        assert set(entry.get("depends_on", [])) <= set(found["services"]), name
        assert "image" in entry
    assert (DEPLOY / "docker" / found["services"]["web"]["build"]["context"]).resolve() == ROOT
    version = re.search(r"postgres:(\d+)", found["services"]["db"]["image"])[1]
    assert f"postgresql-client-{version}=" in (DEPLOY / "docker" / "Dockerfile").read_text()


def test_the_dockerfile_is_clean():
    linter = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    done = subprocess.run([linter, DEPLOY / "docker" / "Dockerfile"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_nothing_secret_gets_into_an_image():
    assert {".env", "var", ".git"} <= set((ROOT / ".dockerignore").read_text().split())


def test_pages_for_operators_lead_to_files_that_exist():
    for page in (ROOT / "docs").rglob("*.md"):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)}: {target}"
