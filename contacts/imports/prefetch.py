"""Reading a file ahead: the next chunk is read and checked in a thread while PostgreSQL writes the last one.

Reading is Python's half of an import and writing is PostgreSQL's, so the two overlap. At most two chunks are in memory.
"""

from __future__ import annotations

import contextvars
import copy
import sys
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from django.db import connections

from contacts.imports.contact_rows import BadRow
from contacts.imports.row_dedup import reader_and_gathering
from contacts.imports.run_settings import Plan

CHUNK = 5000
# Seconds a thread keeps the interpreter while the other waits for it. With Python's 5 ms, each of the writer's dozen
# answers from PostgreSQL per chunk waited that long for the reader.
SWITCH_INTERVAL = 0.0002


class Chunk:
    """Some rows of a file, checked: one for each person or company, rejected ones, how many repeated another."""

    __slots__ = ("_cells", "_repeats", "rejected", "rounds", "size")

    def __init__(self, lines: list, plan: Plan):
        self.size = len(lines)
        self.rejected: list[tuple[int, str, list[str]]] = []
        self._cells = dict(lines)
        # The numbers of the rows that were merged into an earlier one, by its number.
        self._repeats: dict[int, list[int]] = {}
        read_row, gathering = reader_and_gathering(plan)
        gathered = gathering()
        for number, cells in lines:
            try:
                earlier = gathered.add(read_row(number, cells))
            except BadRow as problem:
                self._reject(number, str(problem))
            else:
                if earlier is not None:
                    self._repeats.setdefault(earlier.number, []).append(number)
        self.rounds = gathered.rounds()

    @property
    def rows(self) -> list:
        return [row for turn in self.rounds for row in turn]

    @property
    def merged(self) -> int:
        return sum(map(len, self._repeats.values()))

    def copy(self) -> Chunk:
        """The same chunk, to be written anew."""
        other = copy.copy(self)
        other.rejected, other._repeats = list(self.rejected), dict(self._repeats)
        return other

    def reject(self, numbers: list[int], reason: str) -> None:
        """Reject rows that the database knows something against, and what was merged into them."""
        if not numbers:
            return
        unwanted = set(numbers)
        self.rounds = [[row for row in turn if row.number not in unwanted] for turn in self.rounds]
        for number in numbers:
            for one in (number, *self._repeats.pop(number, ())):
                self._reject(one, reason)

    def _reject(self, number: int, reason: str) -> None:
        cells = self._cells[number]
        self.rejected.append((number, reason, cells if isinstance(cells, list) else []))


def chunks(source: Iterator, plan: Plan, skip: int) -> Generator[Chunk]:
    """The rows of `source` from number `skip` on. What the reader raises is raised here."""

    def read() -> Chunk | None:
        lines = list(islice(source, CHUNK))
        return Chunk(lines, plan) if lines else None

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
