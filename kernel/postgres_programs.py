"""PostgreSQL's own programs (pg_dump, pg_restore): where they are, which version they have, how they connect."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from psycopg import pq

from kernel import embedded_postgres

DEBIAN = "/usr/lib/postgresql/{version}/bin"


class Unusable(Exception):
    """Raised if a program is missing, too old, or fails. The message says what to do."""


@dataclass(frozen=True)
class Program:
    path: str
    version: int

    def run(self, *arguments: str, parameters: Mapping[str, Any] | None = None) -> str:
        """Run it to the end and return what it prints. Raises Unusable with its own words if it fails.

        The connection's parameters go into the environment, because everybody can read a process's arguments.
        """
        environment = {**os.environ, **as_environment(parameters or {})}
        done = subprocess.run([self.path, *arguments], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            words = " ".join(done.stderr.split()) or f"code {done.returncode}"
            raise Unusable(f"{Path(self.path).name} failed: {words[:600]}")
        return done.stdout


def find(name: str, server: int) -> Program:
    """The program that fits a server of this major version: the same version, else the next newer one.

    Raises Unusable if there is none: a program can't read a server or an archive that is newer than itself.
    """
    found = list(_installed(name, server))
    fitting = sorted((program for program in found if program.version >= server), key=lambda program: program.version)
    if fitting:
        return fitting[0]
    newest = max((program.version for program in found), default=None)
    state = f"{name} is version {newest}" if newest else f"{name} is not installed"
    raise Unusable(
        f"{state}, but version {server} is needed: install postgresql-client-{server}, or say in POSTGRES_BIN in which "
        "folder it is."
    )


def _installed(name: str, server: int) -> Iterator[Program]:
    for path in _candidates(name, server):
        version = _version(path)
        if version:
            yield Program(path, version)


def _candidates(name: str, server: int) -> Iterator[str]:
    if settings.POSTGRES_BIN:
        yield str(Path(settings.POSTGRES_BIN) / name)
        return
    yield str(Path(DEBIAN.format(version=server)) / name)
    on_path = shutil.which(name)
    if on_path:
        yield on_path
    try:
        yield embedded_postgres.binary(name)
    except embedded_postgres.Unavailable:
        return


def _version(path: str) -> int | None:
    """The major version that `pg_dump (PostgreSQL) 15.20 (Debian ...)` tells; None if the program does not run."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    match = re.search(r"\) (\d+)", done.stdout)
    return int(match[1]) if match else None


def as_environment(parameters: Mapping[str, Any]) -> dict[str, str]:
    """libpq's environment variables for these parameters of a connection (user, host, sslmode and so on)."""
    variables = {
        option.keyword.decode(): option.envvar.decode() for option in pq.Conninfo.get_defaults() if option.envvar
    }
    return {variables[name]: str(value) for name, value in parameters.items() if name in variables and value}
