"""Reading a file ahead: the next chunk is read and checked in a thread while PostgreSQL writes the last one.

Reading is Python's half of an import and writing is PostgreSQL's, so the two overlap. At most two chunks are in memory.
"""

from __future__ import annotations

import contextvars
import sys
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from django.db import connections

from contacts.importing.rows import BadRow, Row, row_reader

CHUNK = 5000
# Seconds a thread keeps the interpreter while the other waits for it. With Python's 5 ms, each of the writer's dozen
# answers from PostgreSQL per chunk waited that long for the reader.
SWITCH_INTERVAL = 0.0002


class Chunk:
    """Some rows of a file, checked: contacts to be by address, rejected rows, how many repeated an address."""

    __slots__ = ("merged", "rejected", "rows", "size")

    def __init__(self, lines: list, mapping: list[str]):
        self.size, self.merged = len(lines), 0
        self.rows: dict[str, Row] = {}
        self.rejected: list[tuple[int, str, list[str]]] = []
        read_row = row_reader(mapping)
        for number, cells in lines:
            try:
                row = read_row(number, cells)
            except BadRow as problem:
                self.rejected.append((number, str(problem), cells if isinstance(cells, list) else []))
                continue
            if row.email in self.rows:
                self.rows[row.email].take_over(row)
                self.merged += 1
            else:
                self.rows[row.email] = row


def chunks(source: Iterator, mapping: list[str], skip: int) -> Generator[Chunk]:
    """The rows of `source` from number `skip` on. What the reader raises is raised here."""

    def read() -> Chunk | None:
        lines = list(islice(source, CHUNK))
        return Chunk(lines, mapping) if lines else None

    def pass_over() -> None:
        # Rows taken in by an earlier run are read again and passed over: reading is the cheap part.
        for _row in islice(source, skip):
            pass

    # The thread reads the file's parts from the database: in this context, on a connection of its own.
    context = contextvars.copy_context()
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL)
    with ThreadPoolExecutor(1, thread_name_prefix="reading-ahead") as thread:
        try:
            thread.submit(context.run, pass_over).result()
            coming = thread.submit(context.run, read)
            while chunk := coming.result():
                coming = thread.submit(context.run, read)
                yield chunk
        finally:
            thread.submit(connections.close_all).result()
            sys.setswitchinterval(usual)
