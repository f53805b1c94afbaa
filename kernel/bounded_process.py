"""Runs a module that reads strangers' files in a process of its own, with limits of memory and time that the operating
system enforces: a parser written in C can't be interrupted in any other way.

The module has `main(arguments, file)`, which yields what can be JSON. It must not need Django: starting takes a quarter
of a second then, and the process knows no secrets and no database.
"""

from __future__ import annotations

import importlib
import json
import resource
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

FOLDER = Path(__file__).resolve().parent.parent
MAX_LINE = 8 << 20  # bytes of one message
MAX_AT_ONCE = 3  # processes for pages, of this web process: its other threads stay free
END = {"end": True}


class Exceeded(Exception):
    """Raised if the process needs more than its limits, or breaks."""


class Busy(Exception):
    """Raised if too many such processes run already."""


@dataclass(frozen=True)
class Limits:
    """`memory` in bytes of address space, `cpu` and `wall` in seconds."""

    memory: int
    cpu: int
    wall: float


def messages(module: str, *arguments: str, file: IO[bytes], limits: Limits) -> Generator[Any]:
    """What the module's main() yields. `file` is a real file, read from its beginning. Closing the generator ends the
    process. Raises Exceeded."""
    command = [sys.executable, "-s", "-m", __name__, module, str(limits.memory), str(limits.cpu), *arguments]
    process = subprocess.Popen(
        command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=FOLDER, env={}
    )
    assert process.stdout is not None  # noqa: S101  (a pipe was asked for)
    timer = threading.Timer(limits.wall, process.kill)
    timer.daemon = True
    timer.start()
    try:
        while (message := _message(process.stdout.readline(MAX_LINE))) != END:
            yield message
    finally:
        timer.cancel()
        process.kill()
        process.stdout.close()
        process.wait()


def _message(line: bytes) -> Any:
    if not line.endswith(b"\n"):
        raise Exceeded
    return json.loads(line)


_running: set[int] = set()
_lock = threading.Lock()


@contextmanager
def place_for(workspace_id: int) -> Generator[None]:
    """Within this, the workspace may have one process for a page. Raises Busy: a request that waits would keep a thread
    from others."""
    with _lock:
        if workspace_id in _running or len(_running) >= MAX_AT_ONCE:
            raise Busy
        _running.add(workspace_id)
    try:
        yield
    finally:
        with _lock:
            _running.discard(workspace_id)


def run(module: str, memory: str, cpu: str, *arguments: str) -> None:
    """In the process: set the limits, then do the work."""
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_CPU, (int(cpu), int(cpu)))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with open(0, "rb") as file:
        file.seek(0)
        for message in importlib.import_module(module).main(arguments, file):
            sys.stdout.write(json.dumps(message, ensure_ascii=False) + "\n")
    sys.stdout.write(json.dumps(END) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    run(*sys.argv[1:])
