"""Receives an uploaded file: stores it, inspects it and guesses its columns."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import PurePath
from typing import IO

from django.conf import settings
from django.core.files import File
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from contacts.imports import (
    address_lists,
    columns,
    encodings,
    file_kinds,
    file_names,
    format_inference,
    records,
    retrying,
    row_stream,
    sniffing,
    stored_file,
    workbooks,
)
from contacts.imports.delimited import Stream, Texts
from contacts.imports.format_inference import FormatEvidence
from contacts.imports.limits import Unreadable
from contacts.imports.sniffing import FileSample
from contacts.imports.survey import Survey, reads_better_line_by_line, survey
from contacts.models import Channel, ContactImport
from kernel.files import keeping
from kernel.files.keeping import Kept
from kernel.tenancy import require_workspace_id, scope

MAX_SHOWN_CELL = 200  # characters, of the first records


def look_at(file: File) -> bytes:
    """The beginning of an uploaded file. Raises Unreadable for one that is none to import at first sight."""
    if file.size > settings.IMPORT_MAX_BYTES:
        max_mb = settings.IMPORT_MAX_BYTES // 1024 // 1024
        text = _("This file is larger than %(most)d MB. Split it and import the parts one after the other.")
        raise Unreadable(text % {"most": max_mb})
    file.seek(0)
    start = file.read(sniffing.SAMPLE_BYTES)
    file_kinds.refuse_others(start)
    return start


@contextmanager
def received(
    workspace: Workspace, file: File, user: User | None, *, target: str = ContactImport.Target.CONTACTS
) -> Iterator[ContactImport]:
    """Keep an uploaded file where files are kept, then write the row that names it: the body runs in the transaction of
    the row, in the scope of the workspace. Where it fails, nothing is left of either. Raises Unreadable and
    kernel.files.problems.Problem. Never call it in a transaction."""
    look_at(file)
    kept = stored_file.keep(workspace.pk, file)
    with keeping.discarded_on_failure(kept), scope(workspace):
        yield upload(file, user, target=target, kept=kept)


def upload(
    file: File, user: User | None, *, target: str = ContactImport.Target.CONTACTS, kept: Kept | None = None
) -> ContactImport:
    """Store an uploaded file, with its format and mapping as guessed: in the database, unless it is `kept` already, as
    `received` does it. Raises Unreadable."""
    start = look_at(file)
    contact_import = ContactImport(
        target=target,
        name=PurePath(file.name or "contacts.csv").name[:200].replace("\0", ""),
        size=file.size,
        sha256="",
        uploaded_by=user,
    )
    if file_kinds.is_workbook(start):
        sample = _inspect_workbook(contact_import, file)
    else:
        sample = _inspect_text(contact_import, file, start)
    _refuse_bare_header(sample)
    for name in ("delimiter", "has_header"):
        setattr(contact_import, name, getattr(sample, name))
    contact_import.skip_lines = max(0, sample.skip_lines)
    contact_import.save()
    stored_file.store(contact_import, file, kept)
    sample = read_sample(contact_import)
    _guess(contact_import, sample)
    _choose_channels(contact_import)
    retrying.take_over(contact_import)
    contact_import.save()
    return contact_import


def _inspect_workbook(contact_import: ContactImport, file: File) -> FileSample:
    """The sample of the first sheet with several rows. All of them are kept: a workbook is unpacked only once."""
    file.seek(0)
    kind, sheets = workbooks.sheets(file, require_workspace_id())
    name = max(sheets, key=lambda name: (len(sheets[name].rows) > 1, -list(sheets).index(name)))
    contact_import.format = kind
    contact_import.sheet = name
    contact_import.preview = {
        "sheets": {name: sheet.rows for name, sheet in sheets.items()},
        "lines": {name: sheet.lines for name, sheet in sheets.items()},
        "signs": {name: [*map(asdict, sheet.evidence)] for name, sheet in sheets.items()},
    }
    return _sample_of_sheet(contact_import)


def _sample_of_sheet(
    contact_import: ContactImport, *, has_header: bool | None = None, skip_lines: int | None = None
) -> FileSample:
    """The sample of the import's sheet; what is not given is guessed. Raises Unreadable."""
    preview, sheet = contact_import.preview or {}, contact_import.sheet
    rows = preview.get("sheets", {}).get(sheet)
    if rows is None:
        raise Unreadable(_("The workbook has no sheet called “%(name)s”.") % {"name": sheet})
    numbered = list(zip(preview.get("lines", {}).get(sheet) or range(1, len(rows) + 1), rows, strict=True))
    if skip_lines is None:
        skip_lines = sniffing.guess_skip_lines(numbered)
    rows = [cells for line, cells in numbered if line > skip_lines]
    if not rows:
        raise Unreadable(_("The file contains no rows."))
    has_header = sniffing.guess_header(rows) if has_header is None else has_header
    evidence = [FormatEvidence(**column) for column in preview.get("signs", {}).get(sheet, [])]
    return FileSample("utf-8", ",", has_header, rows, evidence, skip_lines)


def _inspect_text(contact_import: ContactImport, file: File, start: bytes) -> FileSample:
    """The sample of a text file, whose encoding is judged by the whole of it."""
    country = _country()
    file.seek(0)
    evidence = encodings.evidence(file)
    contact_import.encoding = encodings.guess(evidence, country)
    fallback = encodings.legacy_of(country)
    contact_import.format = file_kinds.of_text("".join(Texts(io.BytesIO(start), contact_import.encoding, fallback)))
    if contact_import.format != ContactImport.Format.CSV:
        return _inspect_records(contact_import, file)
    contact_import.backslash_escapes = evidence.escaped_quotes > 0
    sample = sniffing.inspect(
        start,
        encoding=contact_import.encoding,
        backslash_escapes=contact_import.backslash_escapes,
        fallback=fallback,
    )
    if address_lists.looks_like_one(sample.rows):
        contact_import.format, contact_import.backslash_escapes = ContactImport.Format.ADDRESSES, False
        return _inspect_records(contact_import, file)
    contact_import.delimiter = sample.delimiter
    file.seek(0)
    found = _survey(contact_import, file, sample, has_quotes=evidence.quotes)
    contact_import.multiline_cells = not reads_better_line_by_line(found)
    if contact_import.multiline_cells:
        return sample
    return sniffing.inspect(
        start,
        encoding=sample.encoding,
        multiline_cells=False,
        backslash_escapes=contact_import.backslash_escapes,
        fallback=fallback,
    )


def _inspect_records(contact_import: ContactImport, stream: Stream) -> FileSample:
    """The sample of a file whose records become rows. Their columns are kept: they are known only at its end."""
    if isinstance(stream, File):
        stream.seek(0)
    fallback = encodings.legacy_of(_country())
    texts = Texts(stream, contact_import.encoding, fallback)
    names, first = records.columns_of(texts, contact_import.format)
    rows = [names, *([cell[:MAX_SHOWN_CELL] for cell in cells] for _number, cells in first[: sniffing.SAMPLE_ROWS - 1])]
    evidence = format_inference.evidence_of(cells for _number, cells in first)
    contact_import.preview = {
        "columns": names,
        "sheets": {"": rows},
        "lines": {"": list(range(len(rows)))},
        "signs": {"": [*map(asdict, evidence)]},
        "undecoded": texts.examples,
    }
    contact_import.survey = Survey(
        fallback=fallback, read_as_fallback=texts.read_as_fallback, lost=texts.lost
    ).as_json()
    return _sample_of_sheet(contact_import, has_header=True, skip_lines=-1)


def _survey(contact_import: ContactImport, stream: Stream, sample: FileSample, *, has_quotes: bool = True) -> Survey:
    found, examples = survey(
        stream,
        contact_import.encoding,
        row_stream.text_format(contact_import),
        width=len(sample.rows[0]),
        country=_country(),
        has_quotes=has_quotes,
    )
    contact_import.survey, contact_import.lines = found.as_json(), found.lines
    contact_import.preview = (contact_import.preview or {}) | {"undecoded": examples}
    return found


def _country() -> str:
    return Workspace.objects.get(pk=require_workspace_id()).country


def read_sample(contact_import: ContactImport) -> FileSample:
    """A sample of the stored file: its beginning, and evidence from chunks of its rest. It is read with the format that
    the import has. Raises Unreadable."""
    if contact_import.format != ContactImport.Format.CSV:
        return _sample_of_sheet(
            contact_import,
            has_header=contact_import.has_header,
            skip_lines=-1 if contact_import.format in records.READERS else contact_import.skip_lines,
        )
    return sniffing.inspect(
        stored_file.beginning(contact_import),
        encoding=contact_import.encoding,
        delimiter=contact_import.delimiter,
        has_header=contact_import.has_header,
        skip_lines=contact_import.skip_lines,
        multiline_cells=contact_import.multiline_cells,
        backslash_escapes=contact_import.backslash_escapes,
        fallback=encodings.legacy_of(_country()),
        more_chunks=stored_file.samples(contact_import),
    )


def read_again(contact_import: ContactImport, changes: dict, file: IO[bytes] | None = None) -> None:
    """Read the stored file in another format: `changes` are fields of the import. Its columns are guessed again, and
    the forecast of the old ones is dropped. `file`: as `stored_file.fetched` gave it. Raises Unreadable before anything
    is saved."""
    group = group_of(contact_import)
    for name, value in changes.items():
        setattr(contact_import, name, value)
    if contact_import.format in records.READERS:
        with stored_file.opened(contact_import, "default", file) as stream:
            _inspect_records(contact_import, stream)
    elif contact_import.format != ContactImport.Format.CSV:
        contact_import.lines = 0
    sample = read_sample(contact_import)
    _refuse_bare_header(sample)
    if contact_import.format == ContactImport.Format.CSV:
        with stored_file.opened(contact_import, "default", file) as stream:
            _survey(contact_import, stream, sample)
    guessed = _guess(contact_import, sample)
    if group_of(contact_import) != group:
        _choose_channels(contact_import)
    contact_import.preview = {
        name: value for name, value in (contact_import.preview or {}).items() if name != "forecast"
    }
    retrying.take_over(contact_import)
    contact_import.save(update_fields=[*changes, *guessed, *retrying.TAKEN_OVER, "preview", "survey", "lines"])


def group_of(contact_import: ContactImport) -> file_names.Group | None:
    """The group of people who must not be subscribed that the name of the file or its sheet stands for, if any."""
    if contact_import.target != ContactImport.Target.CONTACTS:
        return None
    return file_names.group_of(contact_import.name, contact_import.sheet)


def same_file(contact_import: ContactImport) -> ContactImport | None:
    """The newest other import of exactly this file, if there is one."""
    started = ContactImport.objects.exclude(state=ContactImport.State.UPLOADED).exclude(pk=contact_import.pk)
    return started.filter(sha256=contact_import.sha256, target=contact_import.target).order_by("-id").first()


def _guess(contact_import: ContactImport, sample: FileSample) -> list[str]:
    """Set what can be guessed of the columns. Returns the names of the fields that were set."""
    target = contact_import.target
    contact_import.headings = sample.rows[0] if sample.has_header else []
    contact_import.header_key = columns.header_key(sample)
    contact_import.reading = columns.guess_reading(sample, target)
    guessed = columns.guess_mapping(sample, target)
    contact_import.mapping, new = columns.add_new_fields(sample, guessed, contact_import.reading, target)
    contact_import.to_make = contact_import.to_make | {"fields": new}
    contact_import.event = columns.guess_event(sample, target, contact_import.name)
    return ["headings", "header_key", "reading", "mapping", "to_make", "event"]


def _choose_channels(contact_import: ContactImport) -> None:
    """Propose to subscribe nobody whom the name of the file or of its sheet says not to. Another sheet may hold others:
    once chosen, the merchant's own channels stay only while the group is the same."""
    contact_import.channels = [] if group_of(contact_import) else [Channel.EMAIL]


def _refuse_bare_header(sample: FileSample) -> None:
    if len(sample.rows) <= int(sample.has_header):
        raise Unreadable(_("The file has column names but no rows."))
