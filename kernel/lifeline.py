"""A process learns that its parent died or wants it to end.

The parent holds one end of a pipe. When it closes that end, or dies in whatever way, the other end reports a hang-up.
Unlike a shared flag or lock, a pipe can't be left in a bad state by a process that is killed.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from pathlib import Path
from typing import ClassVar

GRACE = 25.0  # seconds that a process without a parent may use to end its work

_ending = threading.Event()


def is_ending() -> bool:
    """True if this process has to end: long work stops at the next good place."""
    return _ending.is_set()


class Lifeline:
    """Made before the children are forked, and inherited by them."""

    _parents_ends: ClassVar[set[int]] = set()  # of all lifelines that this process keeps

    def __init__(self) -> None:
        self._children_end, self._parents_end = os.pipe()
        self._parents_ends.add(self._parents_end)

    def let_go(self) -> None:
        """In the parent: tell all children to end."""
        self._parents_ends.discard(self._parents_end)
        os.close(self._parents_end)

    def close(self) -> None:
        """In the parent, when the children have ended."""
        os.close(self._children_end)

    def hold(self) -> None:
        """In a child: from now on `is_cut` reports when the parent is gone.

        The child has inherited the parent's ends of its siblings' lifelines, too.
        """
        for end in self._parents_ends:
            os.close(end)
        self._parents_ends.clear()

    def is_cut(self, wait: float = 0.0) -> bool:
        """Wait up to so many seconds. True if the parent let go or died."""
        poll = select.poll()
        poll.register(self._children_end, select.POLLHUP)
        return bool(poll.poll(wait * 1000))


def name_process(name: str) -> None:
    """What `ps` and `top` show, up to 15 characters. On Linux only."""
    with contextlib.suppress(OSError):
        Path("/proc/self/comm").write_text(name[:15])


class Duty:
    """Whether this process is at work, and may therefore not end yet."""

    def __init__(self) -> None:
        self.is_busy = False


def end_with_the_parent(lifeline: Lifeline, duty: Duty, *, waits_for_death: bool) -> None:
    """Start a thread that ends this process soon after the lifeline is cut: at once when it is idle, else when its work
    is done or the grace is over.

    `waits_for_death`: the process is still needed while its parent shuts down, and ends only when the parent is gone.
    """
    parent = os.getppid()
    watcher = threading.Thread(target=_watch, args=(lifeline, duty, parent, waits_for_death), daemon=True)
    watcher.start()


def _watch(lifeline: Lifeline, duty: Duty, parent: int, waits_for_death: bool) -> None:
    while not lifeline.is_cut(60.0):
        pass
    while waits_for_death and os.getppid() == parent:
        time.sleep(0.2)
    _ending.set()
    deadline = time.monotonic() + GRACE
    while duty.is_busy and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(0.1)  # the result of the last job is on its way to the monitor
    os._exit(0)
