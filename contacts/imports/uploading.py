"""Taking a file in: stored in parts, looked at, its columns guessed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import PurePath

from django.conf import settings
from django.db.models import BinaryField
from django.db.models.functions import Substr
from django.utils.translation import gettext as _

from contacts.imports import columns, sniffing, workbooks
from contacts.imports.format_inference import Signs
from contacts.imports.limits import Unreadable
from contacts.imports.sniffing import Look
from contacts.models import Channel, ContactImport, ImportPart

PART = 1024 * 1024
# How much of a large file's rest is looked at: a tenth of a second.
STRETCH, STRETCHES = 64 * 1024, 8


def upload(file, user, *, target: str = ContactImport.Target.CONTACTS) -> ContactImport:
    """Store an uploaded file and what it seems to be. Raises Unreadable."""
    if file.size > settings.IMPORT_MAX_BYTES:
        most = settings.IMPORT_MAX_BYTES // 1024 // 1024
        raise Unreadable(
            _("This file is larger than %(most)d MB. Split it and import the parts one after the other.")
            % {"most": most}
        )
    file.seek(0)
    start = file.read(sniffing.LOOK_AT)
    preview = None
    if sniffing.is_workbook(start):
        file.seek(0)
        sheets, written = workbooks.sheets(file)
        sheet = max(sheets, key=lambda name: (len(sheets[name]) > 1, -list(sheets).index(name)))
        look = Look("utf-8", ",", sniffing.guess_header(sheets[sheet]), sheets[sheet], written[sheet])
        # Of each sheet, for the page that maps the columns: a workbook is unpacked only once.
        preview = {"sheets": sheets, "signs": {name: [*map(asdict, found)] for name, found in written.items()}}
    else:
        sheet, look = "", sniffing.look(start)
    _refuse_bare_header(look)
    contact_import = ContactImport.objects.create(
        target=target,
        format=ContactImport.Format.XLSX if preview else ContactImport.Format.CSV,
        sheet=sheet,
        preview=preview,
        name=PurePath(file.name or "contacts.csv").name[:200].replace("\0", ""),
        size=file.size,
        sha256="",
        encoding=look.encoding,
        delimiter=look.delimiter,
        has_header=look.has_header,
        header_key=columns.header_key(look),
        mapping=columns.guess_mapping(look, target),
        channels=[Channel.EMAIL],
        uploaded_by=user,
    )
    _store(contact_import, file)
    contact_import.reading = columns.guess_reading(look_at(contact_import), target)
    contact_import.save(update_fields=["sha256", "reading"])
    return contact_import


def look_at(contact_import: ContactImport) -> Look:
    """The beginning of the stored file and stretches of its rest, read as the import says. Raises Unreadable."""
    if contact_import.format == ContactImport.Format.XLSX:
        rows = contact_import.preview["sheets"].get(contact_import.sheet)
        if rows is None:
            raise Unreadable(_("The workbook has no sheet called “%(name)s”.") % {"name": contact_import.sheet})
        found = contact_import.preview.get("signs", {}).get(contact_import.sheet, [])
        return Look("utf-8", ",", contact_import.has_header, rows, [Signs(**one) for one in found])
    part = contact_import.parts.filter(n=0).values_list("data", flat=True).first()
    return sniffing.look(
        bytes(part or b"")[: sniffing.LOOK_AT],
        encoding=contact_import.encoding,
        delimiter=contact_import.delimiter,
        has_header=contact_import.has_header,
        further=_stretches(contact_import),
    )


def read_again(contact_import: ContactImport, said: dict) -> None:
    """Read the stored file in another way: `said` are fields of the import. Its columns are guessed anew, and what was
    foreseen of the old ones is dropped. Raises Unreadable before anything is saved."""
    for name, value in said.items():
        setattr(contact_import, name, value)
    look = look_at(contact_import)
    _refuse_bare_header(look)
    guessed = {
        "header_key": columns.header_key(look),
        "mapping": columns.guess_mapping(look, contact_import.target),
        "reading": columns.guess_reading(look, contact_import.target),
        "preview": {name: value for name, value in (contact_import.preview or {}).items() if name != "forecast"},
    }
    for name, value in guessed.items():
        setattr(contact_import, name, value)
    contact_import.save(update_fields=[*said, *guessed])


def same_file(contact_import: ContactImport) -> ContactImport | None:
    """The newest import that took in this very file, if there is one."""
    started = ContactImport.objects.exclude(state=ContactImport.State.UPLOADED).exclude(pk=contact_import.pk)
    return started.filter(sha256=contact_import.sha256, target=contact_import.target).order_by("-id").first()


def _refuse_bare_header(look: Look) -> None:
    if len(look.rows) <= int(look.has_header):
        raise Unreadable(_("The file has column names but no rows."))


def _stretches(contact_import: ContactImport) -> Iterator[bytes]:
    """Pieces from all over the file behind its beginning, each from an even place on."""
    step = max(STRETCH, (contact_import.size - sniffing.LOOK_AT) // STRETCHES // 2 * 2)
    for place in range(sniffing.LOOK_AT, contact_import.size, step):
        n, offset = divmod(place, PART)
        stretch = Substr("data", offset + 1, STRETCH, output_field=BinaryField())
        yield bytes(contact_import.parts.filter(n=n).annotate(stretch=stretch).values_list("stretch", flat=True)[0])


def _store(contact_import: ContactImport, file) -> None:
    digest = hashlib.sha256()
    file.seek(0)
    n = 0
    while data := file.read(PART):
        digest.update(data)
        ImportPart.objects.create(contact_import=contact_import, n=n, data=data)
        n += 1
    contact_import.sha256 = digest.hexdigest()
