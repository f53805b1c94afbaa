"""Notices every network call that is made inside a request's transaction, in all tests.

A request that waits for another server with a transaction open keeps its locks and its connection as long as that server
likes. The guard watches sockets, look-ups of names, and mail, which tests keep in memory.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from unittest import mock

from django.core.handlers.base import BaseHandler
from django.core.mail.backends import locmem
from django.db import connections

#: The database connections of the request that is being answered, if any. Threads of its own event loop inherit it.
_of_request: ContextVar[tuple[Any, ...]] = ContextVar("connections of the request", default=())


def is_in_transaction() -> bool:
    """Whether a request is being answered here, with a transaction open on any of its connections."""
    return any(connection.in_atomic_block for connection in _of_request.get())


def _answering(real: Callable) -> Callable:
    def get_response(self: BaseHandler, request: Any) -> Any:
        token = _of_request.set(tuple(connections[alias] for alias in ("default", "engine")))
        try:
            return real(self, request)
        finally:
            _of_request.reset(token)

    return get_response


@contextmanager
def watched() -> Iterator[list[str]]:
    """The calls that should not have been made, as they come."""
    calls: list[str] = []

    def noted(name: str, real: Callable) -> Callable:
        def call(*args: Any, **kwargs: Any) -> Any:
            if is_in_transaction():
                calls.append(name)
            return real(*args, **kwargs)

        return call

    with (
        mock.patch.object(BaseHandler, "get_response", _answering(BaseHandler.get_response)),
        mock.patch.object(socket.socket, "connect", noted("connect", socket.socket.connect)),
        mock.patch.object(socket, "getaddrinfo", noted("getaddrinfo", socket.getaddrinfo)),
        mock.patch.object(
            locmem.EmailBackend, "send_messages", noted("send_messages", locmem.EmailBackend.send_messages)
        ),
    ):
        yield calls
