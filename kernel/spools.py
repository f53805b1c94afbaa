"""A spool: a table that a web process appends to, and a job empties by moving its rows elsewhere.

`append` returns when the row is committed, so nothing that was answered is lost if the process is killed. Threads that
append at the same time share one statement and one commit (group commit): the first writes for all that wait.

The other end takes rows with DELETE ... RETURNING, in the statement that puts them where they belong. No row is ever
marked: that would write it twice.
"""

from __future__ import annotations

import json
import os
import select
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connections
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

MOST = 500  # callers that share a statement
# A visitor waits for this, and so does each thread of the web process. The server gives up first: somebody holds a lock
# on the table. Where nothing says that it has, a pooler or the network hangs, and the connection is given up.
STATEMENT_SECONDS = 3
ANSWER_SECONDS = 5.0


Row = dict[str, Any]


class NotWritten(Exception):
    """Raised where the rows may not be in the spool: the database does not answer, or not in time."""


class _TookTooLong(psycopg.OperationalError):
    """Raised where the server has said nothing for ANSWER_SECONDS."""


class _Entry:
    """Rows that wait. Their thread sleeps on `wake` until they are written, or until it is its turn to write."""

    __slots__ = ("is_done", "problem", "rows", "wake")

    def __init__(self, rows: Sequence[Row]):
        self.rows = rows
        self.is_done = False
        self.problem: BaseException | None = None
        self.wake = threading.Lock()
        self.wake.acquire()


class Spool:
    """Appends to `table`. `columns`: their names and PostgreSQL types; the others have defaults in the database."""

    def __init__(self, table: str, columns: dict[str, str]):
        names = ", ".join(columns)
        typed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        # One parameter, whatever the number of rows: arrays would have to be adapted one by one.
        self._sql = (
            f"INSERT INTO {table} ({names}) SELECT {names} FROM json_to_recordset($1::json) AS r ({typed})"  # noqa: S608
        ).encode()
        self._mutex = threading.Lock()  # of the next two
        self._waiting: deque[_Entry] = deque()
        self._has_writer = False
        self._connection: psycopg.Connection | None = None
        self._process = 0

    def append(self, rows: Sequence[Row]) -> None:
        """Returns when the rows are committed. Raises NotWritten. Texts may not contain NUL."""
        entry = _Entry(rows)
        with self._mutex:
            self._waiting.append(entry)
            writes, self._has_writer = not self._has_writer, True
        if not writes:
            entry.wake.acquire()
        if not entry.is_done:
            self._write_for_all()
        if entry.problem is not None:
            raise NotWritten(str(entry.problem)) from entry.problem

    def _write_for_all(self) -> None:
        """Write the rows of all that wait; the caller's are the first. Then the next that came meanwhile writes."""
        with self._mutex:
            entries = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
        problem: BaseException | None = None
        try:
            self._execute(json.dumps([row for entry in entries for row in entry.rows]).encode())
        except BaseException as error:  # also where this thread is ended: the others would wait for it for ever
            problem = error
        with self._mutex:
            following = self._waiting[0] if self._waiting else None
            self._has_writer = following is not None
        for entry in entries:
            entry.problem = problem
            entry.is_done = True
            entry.wake.release()
        if following is not None:
            following.wake.release()
        if problem is not None and not isinstance(problem, Exception):
            raise problem

    def _execute(self, rows: bytes) -> None:
        """One statement, one commit. A connection that was idle may be gone: then once more with a new one."""
        connection = self._open()
        if connection is not None and self._insert(connection, rows):
            return
        connection = self._connection = self._connect()
        if not self._insert(connection, rows):
            raise psycopg.OperationalError("the connection was lost")

    def _insert(self, connection: psycopg.Connection, rows: bytes) -> bool:
        """False if the connection is lost. Raises DatabaseError for what the database refuses or does not do in time.

        Straight to libpq: psycopg's cursor takes three times as much CPU. Nothing is prepared on the server, since a
        pooler may give each statement another connection."""
        try:
            connection.pgconn.send_query_params(self._sql, [rows])
            result = _answer(connection.pgconn)
        except BaseException as problem:
            connection.close()  # in the midst of something
            if isinstance(problem, psycopg.OperationalError) and not isinstance(problem, _TookTooLong):
                return False
            raise
        if result.status == ExecStatus.COMMAND_OK:
            return True
        if connection.pgconn.status != ConnStatus.OK:
            connection.close()
            return False
        raise psycopg.DatabaseError(result.get_error_message())

    def _open(self) -> psycopg.Connection | None:
        """The connection of this process, if there is one. A forked process may not use its parent's."""
        if self._process != os.getpid() or self._connection is None or self._connection.closed:
            return None
        return self._connection

    def _connect(self) -> psycopg.Connection:
        parameters = {**connections["engine"].get_connection_params()}
        for of_django in ("cursor_factory", "context", "prepare_threshold"):
            parameters.pop(of_django, None)
        parameters["options"] = f"{parameters.get('options', '')} -c statement_timeout={STATEMENT_SECONDS}s".strip()
        self._process = os.getpid()
        return psycopg.connect(**parameters, autocommit=True)


def _answer(pgconn: PGconn) -> PGresult:
    """Send what is left of a statement, and wait for its result. Raises OperationalError if the connection is lost, and
    _TookTooLong."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while pgconn.flush():
        _wait(pgconn, select.POLLIN | select.POLLOUT, deadline)
    result = None
    while True:
        while pgconn.is_busy():
            _wait(pgconn, select.POLLIN, deadline)
        following = pgconn.get_result()
        if following is None:
            break
        result = following
    if result is None:
        raise psycopg.OperationalError("the connection was lost")
    return result


def _wait(pgconn: PGconn, events: int, deadline: float) -> None:
    """Wait for the socket, and read what has come."""
    socket = select.poll()
    socket.register(pgconn.socket, events)
    if not socket.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise _TookTooLong(f"the database has said nothing for {ANSWER_SECONDS:g} s")
    pgconn.consume_input()
