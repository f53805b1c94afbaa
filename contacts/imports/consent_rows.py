"""Reads what a row says about consent, and counts the rows that say no."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contacts.fields import values
from contacts.imports import (
    consent_answers,
    consent_headings,
    consent_objects,
    consent_values,
    format_inference,
    moments,
)
from contacts.imports.consent_answers import ANSWERS, CHANNELS, PROOFS, RANK, Answer
from contacts.imports.moments import Moment
from kernel import csvfiles

MAX_WORDING_LENGTH, MAX_SOURCE_LENGTH = 2000, 300
#: How many rows that say no are shown as examples.
MAX_SHOWN = 10


@dataclass(frozen=True)
class AnswerColumn:
    """A column that says yes or no for some channels: `read` gives what a cell says about each of them."""

    column: int
    channels: tuple[str, ...]
    read: Callable[[str], Mapping[str, Answer]]


@dataclass(frozen=True)
class ConsentColumns:
    """The columns of a file that are about consent: those that say yes or no, those that prove a yes (their numbers by
    meaning, "created_at" among them), and those that say yes or no but are left out."""

    answers: tuple[AnswerColumn, ...] = ()
    proofs: dict[str, int] = field(default_factory=dict)
    left_out: tuple[AnswerColumn, ...] = ()
    day_first: bool = True
    zone: dt.tzinfo = dt.UTC

    @property
    def channels(self) -> frozenset[str]:
        """The channels for which the file says yes or no, row by row."""
        return frozenset(channel for answer in self.answers for channel in answer.channels)

    @property
    def own_channels(self) -> frozenset[str]:
        """The channels with a column of their own."""
        own = (answer for answer in self.answers if len(answer.channels) == 1)
        return frozenset(answer.channels[0] for answer in own)

    @property
    def writes(self) -> bool:
        """Whether a row can differ from the others in what is written about its consent."""
        return bool(self.answers or self.proofs)

    def __bool__(self) -> bool:
        return self.writes or bool(self.left_out)


@dataclass(slots=True)
class RowConsent:
    """What a row says: an answer by channel, and the proof of its yes."""

    answers: dict[str, Answer]
    at: Moment | None = None
    wording: str = ""
    ip: str | None = None
    source: str = ""
    created_at: Moment | None = None

    def merge_later(self, later: RowConsent) -> None:
        """Merge a later row about the same person: the weightier answer wins, else what the first row said; of the
        proof, filled values win."""
        for channel, answer in later.answers.items():
            self.add(channel, answer)
        for name in ("at", "wording", "ip", "source", "created_at"):
            if value := getattr(later, name):
                setattr(self, name, value)

    def add(self, channel: str, answer: Answer) -> None:
        """Of several answers about a channel the stronger no counts; of those that say the same, the first that says
        since when."""
        known = self.answers.get(channel)
        if known is None or _weight(answer) > _weight(known):
            self.answers[channel] = answer


def load(
    mapping: list[str],
    reading: list[dict[str, Any]],
    headings: list[str],
    conventions: values.ReadOptions,
    zone: dt.tzinfo,
) -> ConsentColumns:
    """The consent columns of an import with this mapping, reading and column names, of a workspace in this zone."""
    answers: list[AnswerColumn] = []
    left_out: list[AnswerColumn] = []
    proofs: dict[str, int] = {}
    day_first = bool(conventions.get("day_first", True))
    for n, meaning in enumerate(mapping):
        known = reading[n] if n < len(reading) else {}
        of_column = bool(format_inference.read_options(known).get("day_first", day_first))
        if meaning in PROOFS or meaning == "created_at":
            proofs[meaning] = n
            day_first = of_column
        name = headings[n].strip()[:120] if n < len(headings) else ""
        if meaning not in ANSWERS and known.get("objects"):
            answers.append(AnswerColumn(n, CHANNELS, consent_objects.reader(name)))
        if meaning not in ANSWERS and "consent" not in known:
            continue
        kind = consent_headings.kind_of(headings[n] if n < len(headings) else "")
        channels = ANSWERS.get(meaning, CHANNELS)
        read = consent_values.reader(name, kind, known.get("consent", {}), channels, day_first=of_column, zone=zone)
        (answers if meaning in ANSWERS else left_out).append(AnswerColumn(n, channels, read))
    return ConsentColumns(tuple(answers), proofs, tuple(left_out), day_first, zone)


def reader(columns: ConsentColumns) -> Callable[[list[str]], RowConsent]:
    """A function from the cells of a row to what they say about consent. It never fails: what can't be read is no
    consent, or no proof."""

    def read(cells: list[str]) -> RowConsent:
        found = RowConsent({})
        for column in columns.answers:
            for channel, answer in column.read(_cell(cells, column.column)).items():
                found.add(channel, answer)
                if answer.state == "granted":
                    found.at = found.at or answer.at
        if columns.proofs:
            _read_proofs(columns, cells, found)
        return found

    return read


class Tally:
    """The rows of a chunk that say no: how many by channel, how many of each column that is left out, the first ones,
    and those that are rejected for another reason."""

    __slots__ = ("_columns", "_counted", "_read_refusal", "first", "left_out", "refused", "rejected")

    def __init__(
        self, columns: ConsentColumns, declared: tuple[str, ...], read_refusal: Callable[[int, list[str]], Any]
    ):
        self._columns, self._read_refusal = columns, read_refusal
        # A no for a channel that nobody claims consent for is counted where the file has a column for it.
        self._counted = columns.channels & (set(declared) | columns.own_channels)
        self.refused: Counter[str] = Counter()
        self.left_out: Counter[int] = Counter()
        self.first: list[tuple[int, str, str]] = []
        self.rejected: list = []

    def add(self, row: Any, cells: list[str]) -> None:
        """Count a row that was read."""
        for column in self._columns.left_out:
            said = column.read(_cell(cells, column.column))
            if any(answer.state != "granted" for answer in said.values()):
                self.left_out[column.column] += 1
        if row.consent is None:
            return
        refusing = [channel for channel in self._counted if row.consent.answers[channel].state != "granted"]
        self.refused.update(refusing)
        if refusing and len(self.first) < MAX_SHOWN:
            reason = row.consent.answers[min(refusing, key=CHANNELS.index)].reason
            self.first.append((row.number, row.email or row.phone or row.external_id or "", reason))

    def add_rejected(self, number: int, cells: Any) -> None:
        """Keep a rejected row that refuses: its no is heeded all the same."""
        if self._columns.answers and isinstance(cells, list):
            row = self._read_refusal(number, cells)
            if any(answer.state in consent_answers.REFUSALS for answer in row.consent.answers.values()):
                self.rejected.append(row)


def _cell(cells: list[str], column: int) -> str:
    value = cells[column].strip() if column < len(cells) else ""
    return csvfiles.bare_cell(value) if value[:1] == "'" else value


def _weight(answer: Answer) -> tuple[int, bool]:
    return RANK[answer.state], answer.at is not None


def _read_proofs(columns: ConsentColumns, cells: list[str], found: RowConsent) -> None:
    texts = {meaning: _cell(cells, n) for meaning, n in columns.proofs.items()}
    how: dict[str, Any] = {"day_first": columns.day_first, "zone": columns.zone}
    found.at = moments.read_moment(texts.get("consent_at", ""), **how) or found.at
    found.created_at = moments.read_moment(texts.get("created_at", ""), **how)
    found.wording = texts.get("consent_wording", "").replace("\0", "")[:MAX_WORDING_LENGTH]
    found.source = texts.get("consent_source", "").replace("\0", "")[:MAX_SOURCE_LENGTH]
    try:
        found.ip = str(ipaddress.ip_address(texts.get("consent_ip", "").split("%")[0]))
    except ValueError:
        found.ip = None
