"""The whole workspace as one ZIP file, for a merchant who leaves. docs/guides/workspace-export.md describes it."""

from __future__ import annotations

import hashlib
import json
import logging
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, cast

from django.db import connections
from django.utils import timezone

from contacts.exports import sources
from contacts.exports.formats import Csv, Json
from contacts.exports.kept_file import KeptWriter
from contacts.exports.parts import PartWriter
from contacts.models import Consent
from kernel.extensions import Extensions
from kernel.files.problems import Problem

log = logging.getLogger("fanfare.files")

FORMAT = 2  # raised when a column changes its meaning or disappears


@dataclass(frozen=True)
class Table:
    """One file of the ZIP: a statement that contains %(workspace)s, with its columns in the order of `columns`. A file
    with `nested` columns (jsonb) is JSON, every other one CSV. `at_once` of its rows are in memory."""

    name: str
    columns: tuple[str, ...]
    sql: str
    nested: frozenset[str] = frozenset()
    at_once: int = sources.CHUNK

    @property
    def file(self) -> str:
        return f"{self.name}.{'json' if self.nested else 'csv'}"

    def source(self, workspace_id: int) -> sources.Source:
        plain = sources.table(workspace_id, list(self.columns), self.sql)
        parsed = self._parsed if self.nested else None
        return sources.Source(plain.columns, plain.sql, plain.params, parsed, at_once=self.at_once)

    def _parsed(self, row: tuple) -> tuple:
        return tuple(
            json.loads(cell) if name in self.nested and cell is not None else cell
            for name, cell in zip(self.columns, row, strict=True)
        )


#: files(workspace_id) gives (name in the ZIP, bytes) of files that are in it as they are.
Files = Callable[[int], Iterable[tuple[str, Iterable[bytes]]]]

TABLES: Extensions[Table] = Extensions("workspace export", "Files of the ZIP that holds a whole workspace.")
FILES: Extensions[Files] = Extensions(
    "files of the workspace export", "Kept files that are in the ZIP as they are, such as pictures."
)


def register(name: str, columns: str, of: str, *, nested: str = "", at_once: int = sources.CHUNK) -> None:
    """Add a file. `columns` are "name" or "name=expression", separated by commas; `of` is the SQL after FROM; `nested`
    are the names of jsonb columns, separated by spaces; `at_once` is smaller where a row is large. Higher apps call it
    in AppConfig.ready."""
    pairs = [column.strip().partition("=") for column in columns.split(",")]
    expressions = ", ".join(expression or name for name, _, expression in pairs)
    names = tuple(name for name, _, _ in pairs)
    sql = f"SELECT {expressions} FROM {of}"  # noqa: S608
    TABLES.add(Table(name, names, sql, frozenset(nested.split()), at_once), name)


def write(sink: PartWriter | KeptWriter, workspace_id: int, *, files_until: float = float("inf")) -> Iterator[str]:
    """Write the ZIP into the sink, and yield the name of the file after each chunk of rows. The caller's snapshot makes
    all rows those of one moment.

    Kept files come last, until `files_until` on the monotonic clock. The manifest counts those that are missing:
    the rows of a workspace must not fail with the size of its pictures."""
    file_like = cast(IO[bytes], sink)  # zipfile needs no more than write and flush
    with zipfile.ZipFile(file_like, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        files = {}
        everyone = sources.contacts(workspace_id, "c.deleted_at IS NULL", {})
        contents: list[tuple[str, sources.Source, type[Csv] | type[Json]]] = [
            ("contacts.csv", everyone, Csv),
            ("suppressions.csv", sources.suppressions(workspace_id), Csv),
            *((table.file, table.source(workspace_id), Json if table.nested else Csv) for table in TABLES),
        ]
        for name, source, kind in contents:
            with archive.open(name, "w", force_zip64=True) as file:
                hashed = _Hashed(file)
                writer, rows = kind(hashed, source.columns), 0
                for chunk in source.chunks():
                    writer.write(chunk)
                    rows += len(chunk)
                    sink.rows += len(chunk)
                    yield name
                writer.close()
            files[name] = {"rows": rows, "sha256": hashed.digest.hexdigest()}
            yield name
        left_out = 0
        for name, chunks in _kept_files(workspace_id):
            left_out += 0 if time.monotonic() < files_until and _add(archive, name, chunks) else 1
            yield name
        manifest = {
            "format": FORMAT,
            "made_at": timezone.now().isoformat(),
            **_workspace(workspace_id),
            "files": files,
            "kept_files_left_out": left_out,
        }
        archive.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=2))


def _kept_files(workspace_id: int) -> Iterator[tuple[str, Iterable[bytes]]]:
    for files in FILES:
        yield from files(workspace_id)


def _add(archive: zipfile.ZipFile, name: str, chunks: Iterable[bytes]) -> bool:
    """Add a file that is small enough for memory: half of one that can't be read must not be in the ZIP."""
    try:
        data = b"".join(chunks)
    except Problem as problem:
        log.error("%s is not in the export: %s", name, problem)
        return False
    archive.writestr(name, data, zipfile.ZIP_STORED)
    return True


class _Hashed:
    """A file with the SHA-256 of what is written to it."""

    def __init__(self, file: IO[bytes]):
        self._file, self.digest = file, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self._file.write(data)


def _workspace(workspace_id: int) -> dict:
    with connections["engine"].cursor() as cursor:
        cursor.execute(
            "SELECT name, country, postal_address, time_zone, language FROM accounts_workspace WHERE id = %s",
            [workspace_id],
        )
        names = ("name", "country", "postal_address", "time_zone", "language")
        return {"workspace": dict(zip(names, cursor.fetchone(), strict=True))}


def _of(table: str, *, present: bool = False, order: str = "id") -> str:
    return (
        f"{table} t WHERE t.workspace_id = %(workspace)s"
        f"{' AND t.deleted_at IS NULL' if present else ''} ORDER BY t.{order}"
    )


register("fields", "name, label, kind, choices", _of("contacts_contactfield", present=True), nested="choices")
register("tags", "id, name", _of("contacts_tag", present=True))
register("lists", "id, name, description, created_at", _of("contacts_contactlist", present=True))
register("topics", "id, name, description, needs_choice, position, deleted_at", _of("contacts_topic"))
register(
    "segments",
    "id, name, definition, created_at, updated_at",
    _of("contacts_segment", present=True),
    nested="definition",
)
register(
    "companies",
    "id, name, status, kind, industry, size, email, phone, website, created_at",
    _of("contacts_company", present=True),
)
register("company_contacts", "company_id, contact_id, role", _of("contacts_companycontact"))
register(
    "consents",
    "contact_id, channel, topic_id, state, basis, source, wording, wording_version, reason, page, message_id, "
    "ip={person_address}, entered_from={member_address}, at={said_at}, claimed_on, recorded_at".format(
        **Consent.IN_SQL
    ),
    _of("contacts_consent"),
)
register("topic_choices", "contact_id, topic_id, channel, wanted, at", _of("contacts_topicchoice"))
register("notes", "contact_id, text, at", _of("contacts_note"))
register(
    "events",
    "contact_id, event=n.name, at, value, currency, properties=t.properties, source",
    "contacts_contactevent t JOIN contacts_eventname n ON n.id = t.name_id WHERE t.workspace_id = %(workspace)s "
    "ORDER BY t.at, t.id",
    nested="properties",
)
register(
    "contact_changes",
    "contact_ids=to_jsonb(t.contact_ids), at, kind, channel, target_id, field, source",
    _of("contacts_contactchange"),
    nested="contact_ids",
    at_once=50,  # with up to 16,384 contacts each
)
register("blocked_domains", "domain, at", _of("contacts_blockeddomain"))
register(
    "forms",
    "id, name, title, intro, button, language, fields, wording, list_id=contact_list_id, tags, double_opt_in, thanks, "
    "thanks_url, is_open, created_at",
    _of("contacts_signupform", present=True),
    nested="fields tags",
)
