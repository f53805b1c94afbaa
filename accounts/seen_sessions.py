"""Notes in the list of sessions when and from where each was used last.

allauth's own middleware does so on every request: it loads the person a second time and updates a row. Here a process
notes a session again after ten minutes, or when its address or browser changed. It remembers in memory what it has
noted: the session itself would have to be written for that, and several processes only write more often.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, ClassVar

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse

from kernel.http import client_address

SECONDS = 600
REMEMBERED = 20_000  # sessions; of more, those that were noted first are noted again early


class SeenSessions:
    """The middleware. What it has noted is of the process: (when, by whom) of each session's key."""

    _noted: ClassVar[OrderedDict[str, tuple[float, tuple]]] = OrderedDict()
    _lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        key = request.session.session_key
        if key and request.user.is_authenticated and self._is_due(key, request):
            UserSession.objects.create_from_request(request)
        return self.get_response(request)

    def _is_due(self, key: str, request: HttpRequest) -> bool:
        """Whether to note the session now. Of several requests at once, one does."""
        client = (client_address(request), request.headers.get("User-Agent", ""))
        now = time.monotonic()
        with self._lock:
            at, noted = self._noted.get(key, (now - SECONDS, None))
            if client == noted and now - at < SECONDS:
                return False
            self._noted[key] = (now, client)
            self._noted.move_to_end(key)
            while len(self._noted) > REMEMBERED:
                self._noted.popitem(last=False)
            return True
