"""How long making a message may take: measured, so that a merchant's costly template slows only its own sending, and
interrupted from outside the merge language, whose own budget (templates_app.merging.metering) comes first."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from django.utils.translation import gettext as _

COSTLY = "costly"  # the reason of messages that took too long to make
MAX_COSTLY = 10  # such messages of a batch; then it is held
# Above this average a message is dear: ordinary ones take 0.02 ms. The account then rests three times as long as making
# took, so that it uses at most a quarter of the lane.
DEAR_SECONDS = 0.002
REST = 3.0
MAX_REST = 3.0  # seconds
SMOOTHING = 0.05  # the weight of the last message in the average

TICK = 0.25  # seconds of this process's CPU
MAX_TICKS = 4


class Interrupted(BaseException):
    """Raised inside the making of a message that takes far too long. No Exception, which some library might catch."""


class _Watch:
    """What is being made, for the signal handler."""

    def __init__(self) -> None:
        self.is_making = False
        self.number = 0
        self._seen, self._ticks = -1, 0

    def look(self, _signal: int, _frame: FrameType | None) -> None:
        """Called every TICK. Raises Interrupted in the main thread if it has been at the same message for long."""
        if not self.is_making or self.number != self._seen:
            self._seen, self._ticks = self.number, 0
            return
        self._ticks += 1
        if self._ticks >= MAX_TICKS:
            self._ticks = 0
            raise Interrupted


watch = _Watch()


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Within this, `watch` interrupts what lasts too long. Only in a process's main thread, where signals arrive."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGVTALRM, watch.look)
    signal.setitimer(signal.ITIMER_VIRTUAL, TICK, TICK)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


class Pace:
    """How long the messages of an account take to make."""

    def __init__(self) -> None:
        self._average = 0.0

    def rest_after(self, seconds: float) -> float:
        """How long to rest after a message that took so many seconds to make. 0.0 where they are not dear."""
        self._average += (seconds - self._average) * SMOOTHING
        return min(seconds * REST, MAX_REST) if self._average > DEAR_SECONDS else 0.0


def sentence() -> str:
    """Why a batch is held."""
    return _(
        "Many messages take too long to make. Cancel this campaign, use fewer loops and filters in the template, "
        "then send it again."
    )
