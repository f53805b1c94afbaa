"""Reads a file ahead: a thread reads and checks the next chunk while PostgreSQL writes the current one.

Reading is Python's half of an import and writing is PostgreSQL's half, so the two overlap. At most two chunks are in
memory.
"""

from __future__ import annotations

import contextlib
import contextvars
import copy
import gc
import sys
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from django.db import connections

from contacts.imports import contact_rows
from contacts.imports.consent_rows import Tally
from contacts.imports.delimited import Cells, UnreadableRow
from contacts.imports.reasons import BadRow, Note
from contacts.imports.row_dedup import FileReading, reading_of
from contacts.imports.run_settings import RunSettings

CHUNK = 5000
MAX_CHARACTERS = 20_000_000  # of a chunk's cells; ordinary ones have one million
# Seconds that a thread keeps the interpreter while the other waits for it. With Python's default of 5 ms, the writer
# waited that long for the reader at each of its dozen answers from PostgreSQL per chunk.
SWITCH_INTERVAL = 0.0002
# New objects after which Python looks for cycles. Rows hold none, but a chunk has 20,000 objects: with Python's default
# of 700, looking for cycles among them and in all of Django took as long as reading them.
GC_THRESHOLD = 50_000
#: (row number, column, reason, cell, the row's cells) of a value that is left out of a row that comes in.
LineNote = tuple[int, int, str, str, list[str]]


class Chunk:
    """Some rows of a file, checked: one row for each person or company, the rejected rows, which rows were merged into
    an earlier one, and the notes on rows that come in without a value. `lines` are (line of the file, cells);
    this line is the number of the row. `tally` counts the rows that say no, if the file has a column that says so."""

    __slots__ = ("_cells", "_notes", "_repeats", "last_line", "rejected", "rounds", "size", "tally")

    def __init__(self, lines: list[tuple[int, Cells]], settings: RunSettings, reading: FileReading):
        self.size, self.last_line = len(lines), lines[-1][0]
        self.rejected: list[tuple[int, str, list[str]]] = []
        self._cells = dict(lines)
        # By row number, the numbers of the later rows that were merged into this row.
        self._repeats: dict[int, list[int]] = {}
        self._notes: dict[int, tuple[Note, ...]] = {}
        dedup = reading.new_dedup()
        self.tally = (
            Tally(settings.consent, settings.channels, contact_rows.refusal_reader(settings))
            if settings.consent
            else None
        )
        for number, cells in lines:
            try:
                row = reading.read_row(number, cells)
                earlier = dedup.add(row)
            except BadRow as problem:
                self._reject(number, str(problem))
                if self.tally is not None:
                    self.tally.add_rejected(number, cells)
            else:
                if row.notes:
                    self._notes[number] = row.notes
                if self.tally is not None and isinstance(cells, list):
                    self.tally.add(row, cells)
                if earlier is not None:
                    self._repeats.setdefault(earlier.number, []).append(number)
        self.rounds = dedup.rounds()

    @property
    def rows(self) -> list:
        return [row for rows in self.rounds for row in rows]

    @property
    def merged(self) -> int:
        return sum(map(len, self._repeats.values()))

    @property
    def notes(self) -> list[LineNote]:
        """The notes on the rows that come in, in the order of the rows."""
        found = sorted(self._notes.items())
        return [(number, *note, self._cells_of(number)) for number, notes in found for note in notes]

    def accepted(self) -> Iterator[list[str]]:
        """The cells of the rows that are not rejected."""
        rejected = {number for number, _reason, _cells in self.rejected}
        return (cells for number, cells in self._cells.items() if number not in rejected and isinstance(cells, list))

    def copy(self) -> Chunk:
        """The same chunk, to be written again."""
        other = copy.copy(self)
        other.rejected, other._repeats, other._notes = list(self.rejected), dict(self._repeats), dict(self._notes)
        return other

    def reject(self, numbers: list[int], reason: str) -> None:
        """Reject rows because of what the database holds, and the rows that were merged into them."""
        if not numbers:
            return
        unwanted = set(numbers)
        self.rounds = [[row for row in rows if row.number not in unwanted] for rows in self.rounds]
        for number in numbers:
            for rejected in (number, *self._repeats.pop(number, ())):
                self._reject(rejected, reason)

    def _reject(self, number: int, reason: str) -> None:
        self._notes.pop(number, None)
        self.rejected.append((number, reason, self._cells_of(number)))

    def _cells_of(self, number: int) -> list[str]:
        cells = self._cells[number]
        return [cells.text] if isinstance(cells, UnreadableRow) else cells


def chunks(source: Iterator[tuple[int, Cells]], settings: RunSettings, skip: int) -> Generator[Chunk]:
    """The rows of `source` in chunks, without the first `skip` rows. Raises what `source` raises."""
    reading = reading_of(settings)

    def read() -> Chunk | None:
        lines, room = [], MAX_CHARACTERS
        for number, cells in islice(source, CHUNK):
            lines.append((number, cells))
            room -= len(cells.text) if isinstance(cells, UnreadableRow) else sum(map(len, cells))
            if room < 0:
                break
        return Chunk(lines, settings, reading) if lines else None

    def skip_rows() -> None:
        # Rows that an earlier run wrote are read again and skipped: reading is the cheap part.
        for _number, cells in islice(source, skip):
            reading.look_at(cells)

    # The thread reads the file's parts from the database: in this context, on its own connection.
    context = contextvars.copy_context()
    with _tuned_interpreter(), ThreadPoolExecutor(1, thread_name_prefix="reading-ahead") as thread:
        try:
            thread.submit(context.run, skip_rows).result()
            next_chunk = thread.submit(context.run, read)
            while chunk := next_chunk.result():
                next_chunk = thread.submit(context.run, read)
                yield chunk
        finally:
            thread.submit(connections.close_all).result()


@contextlib.contextmanager
def _tuned_interpreter() -> Iterator[None]:
    """Settings of the whole process for as long as a file is read."""
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.set_threshold(GC_THRESHOLD, *thresholds[1:])
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*thresholds)
