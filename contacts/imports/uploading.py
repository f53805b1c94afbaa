"""Receives an uploaded file: stores it in parts, inspects it and guesses its columns."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import PurePath

from django.conf import settings
from django.core.files import File
from django.db.models import BinaryField
from django.db.models.functions import Substr
from django.utils.translation import gettext as _

from accounts.models import User
from contacts.imports import columns, sniffing, workbooks
from contacts.imports.format_inference import FormatEvidence
from contacts.imports.limits import Unreadable
from contacts.imports.sniffing import FileSample
from contacts.models import Channel, ContactImport, ImportPart
from kernel.tenancy import require_workspace_id

PART = 1024 * 1024
# How much of the rest of a large file is sampled: this takes a tenth of a second.
SAMPLE_CHUNK_BYTES, SAMPLE_CHUNKS = 64 * 1024, 8


def upload(file: File, user: User | None, *, target: str = ContactImport.Target.CONTACTS) -> ContactImport:
    """Store an uploaded file, with its format and mapping as guessed. Raises Unreadable."""
    if file.size > settings.IMPORT_MAX_BYTES:
        max_mb = settings.IMPORT_MAX_BYTES // 1024 // 1024
        text = _("This file is larger than %(most)d MB. Split it and import the parts one after the other.")
        raise Unreadable(text % {"most": max_mb})
    file.seek(0)
    start = file.read(sniffing.SAMPLE_BYTES)
    preview = None
    if sniffing.is_workbook(start):
        file.seek(0)
        sheets, evidence = workbooks.sheets(file, require_workspace_id())
        sheet = max(sheets, key=lambda name: (len(sheets[name]) > 1, -list(sheets).index(name)))
        sample = FileSample("utf-8", ",", sniffing.guess_header(sheets[sheet]), sheets[sheet], evidence[sheet])
        # Kept for each sheet, for the page that maps the columns: a workbook is unpacked only once.
        preview = {"sheets": sheets, "signs": {name: [*map(asdict, found)] for name, found in evidence.items()}}
    else:
        sheet, sample = "", sniffing.inspect(start)
    _refuse_bare_header(sample)
    contact_import = ContactImport.objects.create(
        target=target,
        format=ContactImport.Format.XLSX if preview else ContactImport.Format.CSV,
        sheet=sheet,
        preview=preview,
        name=PurePath(file.name or "contacts.csv").name[:200].replace("\0", ""),
        size=file.size,
        sha256="",
        encoding=sample.encoding,
        delimiter=sample.delimiter,
        has_header=sample.has_header,
        headings=sample.rows[0] if sample.has_header else [],
        header_key=columns.header_key(sample),
        mapping=columns.guess_mapping(sample, target),
        channels=[Channel.EMAIL],
        uploaded_by=user,
    )
    _store(contact_import, file)
    contact_import.reading = columns.guess_reading(read_sample(contact_import), target)
    contact_import.save(update_fields=["sha256", "reading"])
    return contact_import


def read_sample(contact_import: ContactImport) -> FileSample:
    """A sample of the stored file: its beginning, and evidence from chunks of its rest. It is read with the format that
    the import has. Raises Unreadable."""
    if contact_import.format == ContactImport.Format.XLSX:
        preview = contact_import.preview or {}
        rows = preview.get("sheets", {}).get(contact_import.sheet)
        if rows is None:
            raise Unreadable(_("The workbook has no sheet called “%(name)s”.") % {"name": contact_import.sheet})
        found = preview.get("signs", {}).get(contact_import.sheet, [])
        return FileSample("utf-8", ",", contact_import.has_header, rows, [FormatEvidence(**column) for column in found])
    part = contact_import.parts.filter(n=0).values_list("data", flat=True).first()
    return sniffing.inspect(
        bytes(part or b"")[: sniffing.SAMPLE_BYTES],
        encoding=contact_import.encoding,
        delimiter=contact_import.delimiter,
        has_header=contact_import.has_header,
        more_chunks=_later_chunks(contact_import),
    )


def read_again(contact_import: ContactImport, changes: dict) -> None:
    """Read the stored file in another format: `changes` are fields of the import. Its columns are guessed again, and
    the forecast of the old ones is dropped. Raises Unreadable before anything is saved."""
    for name, value in changes.items():
        setattr(contact_import, name, value)
    sample = read_sample(contact_import)
    _refuse_bare_header(sample)
    guessed = {
        "headings": sample.rows[0] if sample.has_header else [],
        "header_key": columns.header_key(sample),
        "mapping": columns.guess_mapping(sample, contact_import.target),
        "reading": columns.guess_reading(sample, contact_import.target),
        "preview": {name: value for name, value in (contact_import.preview or {}).items() if name != "forecast"},
    }
    for name, value in guessed.items():
        setattr(contact_import, name, value)
    contact_import.save(update_fields=[*changes, *guessed])


def same_file(contact_import: ContactImport) -> ContactImport | None:
    """The newest other import of exactly this file, if there is one."""
    started = ContactImport.objects.exclude(state=ContactImport.State.UPLOADED).exclude(pk=contact_import.pk)
    return started.filter(sha256=contact_import.sha256, target=contact_import.target).order_by("-id").first()


def _refuse_bare_header(sample: FileSample) -> None:
    if len(sample.rows) <= int(sample.has_header):
        raise Unreadable(_("The file has column names but no rows."))


def _later_chunks(contact_import: ContactImport) -> Iterator[bytes]:
    """Chunks from all over the file after its beginning. Each starts at an even offset, as UTF-16 needs."""
    step = max(SAMPLE_CHUNK_BYTES, (contact_import.size - sniffing.SAMPLE_BYTES) // SAMPLE_CHUNKS // 2 * 2)
    for position in range(sniffing.SAMPLE_BYTES, contact_import.size, step):
        n, offset = divmod(position, PART)
        chunk = Substr("data", offset + 1, SAMPLE_CHUNK_BYTES, output_field=BinaryField())
        yield bytes(contact_import.parts.filter(n=n).annotate(chunk=chunk).values_list("chunk", flat=True)[0])


def _store(contact_import: ContactImport, file: File) -> None:
    digest = hashlib.sha256()
    file.seek(0)
    n = 0
    while data := file.read(PART):
        digest.update(data)
        ImportPart.objects.create(contact_import=contact_import, n=n, data=data)
        n += 1
    contact_import.sha256 = digest.hexdigest()
