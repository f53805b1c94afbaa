"""Where the bytes of an uploaded file are: kept outside the database (`kernel.files`), or in parts in it.

Pages that show what a file looks like need its beginning and some samples of the rest. Of a kept file these stay in the
database, so that no page waits for another server.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import IO, TYPE_CHECKING

from django.core.files import File
from django.db.models import BinaryField, QuerySet
from django.db.models.functions import Substr

from contacts.imports import sniffing
from contacts.models import ContactImport, ImportPart
from kernel.files import keeping, places
from kernel.files.keeping import Kept
from kernel.jobs import enqueue

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

KIND = "uploads"
PART = 1024 * 1024
# How much of the rest of a large file is sampled: this takes a tenth of a second.
SAMPLE_CHUNK_BYTES, SAMPLE_CHUNKS = 64 * 1024, 8


def keep(workspace_id: int, file: File) -> Kept | None:
    """Keep a file outside the database, before the row that names it is written; None where files are in the database.
    Raises kernel.files.problems.Problem. Never call it in a transaction."""
    return keeping.put(workspace_id, KIND, file) if places.is_on() else None


def store(contact_import: ContactImport, file: File, kept: Kept | None) -> None:
    """Write the parts of a file in the database, or the samples of a kept one."""
    if kept is None:
        contact_import.sha256 = _write_parts(contact_import, file)
        return
    contact_import.file, contact_import.sha256 = kept.name, kept.sha256
    file.seek(0)
    samples = [file.read(sniffing.SAMPLE_BYTES)]
    for position in _sample_positions(contact_import):
        file.seek(position)
        samples.append(file.read(SAMPLE_CHUNK_BYTES))
    ImportPart.objects.bulk_create(
        ImportPart(contact_import=contact_import, n=n, data=data) for n, data in enumerate(samples)
    )


def _write_parts(contact_import: ContactImport, file: File) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    n = 0
    while data := file.read(PART):
        digest.update(data)
        ImportPart.objects.create(contact_import=contact_import, n=n, data=data)
        n += 1
    return digest.hexdigest()


def _sample_positions(contact_import: ContactImport) -> range:
    """Where samples of the rest begin. Each is at an even offset, as UTF-16 needs."""
    step = max(SAMPLE_CHUNK_BYTES, (contact_import.size - sniffing.SAMPLE_BYTES) // SAMPLE_CHUNKS // 2 * 2)
    return range(sniffing.SAMPLE_BYTES, contact_import.size, step)


def beginning(contact_import: ContactImport) -> bytes:
    """The first bytes of the file. Asks only the database."""
    part = contact_import.parts.filter(n=0).values_list("data", flat=True).first()
    return bytes(part or b"")[: sniffing.SAMPLE_BYTES]


def samples(contact_import: ContactImport) -> Iterator[bytes]:
    """Chunks from all over the file after its beginning. Asks only the database."""
    for number, position in enumerate(_sample_positions(contact_import), 1):
        n, offset = (number, 0) if contact_import.file else divmod(position, PART)
        chunk = Substr("data", offset + 1, SAMPLE_CHUNK_BYTES, output_field=BinaryField())
        yield bytes(contact_import.parts.filter(n=n).annotate(chunk=chunk).values_list("chunk", flat=True)[0])


@contextmanager
def fetched(contact_import: ContactImport) -> Iterator[IO[bytes] | None]:
    """The kept file, to be read in a transaction that begins within. None for a file in the database. Raises
    kernel.files.problems.Problem. Never call it in a transaction."""
    with keeping.opened(_kept(contact_import)) if contact_import.file else nullcontext() as file:
        yield file


@contextmanager
def opened(contact_import: ContactImport, using: str, file: IO[bytes] | None = None) -> Iterator[IO[bytes]]:
    """The file, from its beginning. One in the database can't seek. `file`: as `fetched` gave it."""
    if file is not None:
        file.seek(0)
        yield file
    elif contact_import.file:
        with keeping.opened(_kept(contact_import)) as kept:
            yield kept
    else:
        yield io.BufferedReader(_Parts(contact_import, using), 1 << 18)


def _kept(contact_import: ContactImport) -> Kept:
    return Kept(contact_import.workspace_id, contact_import.file, contact_import.size, contact_import.sha256)


def is_there(contact_import: ContactImport) -> bool:
    """Whether the file was not deleted yet."""
    return bool(contact_import.file) or contact_import.parts.exists()


def forget(imports: QuerySet[ContactImport]) -> None:
    """Delete the files of these imports, in the active scope. A kept file is deleted by a job that belongs to the
    caller's transaction: nobody waits for another server in it."""
    for contact_import in imports.exclude(file="").only("workspace_id", "file").select_for_update():
        delete_later(contact_import.workspace_id, contact_import.file)
    imports.exclude(file="").update(file="")
    ImportPart.objects.filter(contact_import__in=imports.values("pk")).delete()


def delete_later(workspace_id: int, name: str) -> None:
    """Ask for the deletion of a kept file, if there is one."""
    if name:
        enqueue("kernel.delete_file", workspace_id=workspace_id, file=name)


class _Parts(io.RawIOBase):
    """The parts of a file as one binary stream. They are fetched one by one."""

    def __init__(self, contact_import: ContactImport, using: str):
        self._parts = ImportPart.objects.using(using).filter(contact_import=contact_import)
        self._n, self._left = 0, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        if not self._left:
            part = self._parts.filter(n=self._n).values_list("data", flat=True).first()
            if part is None:
                return 0
            self._n, self._left = self._n + 1, memoryview(bytes(part))
        target = memoryview(buffer)
        size = min(len(target), len(self._left))
        target[:size] = self._left[:size]
        self._left = self._left[size:]
        return size
