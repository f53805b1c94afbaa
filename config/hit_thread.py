"""Opens and clicks of a web process, answered together by one thread: it takes all that have come, writes them with one
commit, and answers them.

In the threads that serve pages, as many would share a commit as there are threads, so a slow disk would limit a
process; and a database that takes no hits would stop its pages for seconds. That still holds for the clicks that Django
has to answer: the first one on each link, and those on links with merge tags.
"""

from __future__ import annotations

import logging
import threading
from queue import SimpleQueue

from waitress.channel import HTTPChannel
from waitress.task import ThreadedTaskDispatcher, WSGITask

from delivery import hits
from delivery.wsgi import PATHS, Answer, Tracking

log = logging.getLogger("fanfare.web")

MOST = 500  # hits in one commit


class HitThread:
    """Gives opens and clicks to a thread of its own, and everything else to `pages`. It takes the place of waitress's
    dispatcher."""

    def __init__(self, front: Tracking, pages: ThreadedTaskDispatcher):
        self._front = front
        self._pages = pages
        self._waiting: SimpleQueue[HTTPChannel] = SimpleQueue()
        threading.Thread(target=self._run, name="hits", daemon=True).start()

    def add_task(self, channel: HTTPChannel) -> None:
        """Have the first request of the channel answered."""
        request = channel.requests[0]
        # Behind a large answer that its client does not read, waitress would wait, and all hits with it.
        if request.error or channel.total_outbufs_len or not request.path.startswith(PATHS):
            self._pages.add_task(channel)
            return
        self._waiting.put(channel)

    def shutdown(self, timeout: float) -> None:
        self._pages.shutdown(timeout=timeout)

    def _run(self) -> None:
        while True:
            self._answer(self._take())

    def _take(self) -> list[HTTPChannel]:
        """All that wait, at least one."""
        channels = [self._waiting.get()]
        while len(channels) < MOST and not self._waiting.empty():
            channels.append(self._waiting.get())
        return channels

    def _answer(self, channels: list[HTTPChannel]) -> None:
        answers = {channel: answer for channel in channels if (answer := self._prepare(channel))}
        if found := [answer.hit for answer in answers.values() if answer.hit is not None]:
            self._record(found)
        for channel in answers:
            try:
                channel.service()
            except Exception:
                log.exception("an answer to a hit was not sent")
                channel.cancel()

    @staticmethod
    def _record(found: list[hits.NewHit]) -> None:
        try:
            hits.record(found)
        except Exception:  # the thread goes on, and the visitors are answered
            log.exception("%s hits were not counted", len(found))

    def _prepare(self, channel: HTTPChannel) -> Answer | None:
        """What to answer to the channel's request. None if Django has to answer it: it has been asked to."""
        request = channel.requests[0]
        try:
            request.answer = self._front.answer(WSGITask(channel, request).get_environment())
        except Exception:
            log.exception("a hit could not be read")
            request.answer = None
        if request.answer is None:
            self._pages.add_task(channel)
        return request.answer
