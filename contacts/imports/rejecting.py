"""Keeps the rows that an import rejects, whole, so that they can be mended and imported again.

A file of which every row is wrong must not fill the database: what is kept has a limit, and the page says so.
"""

from __future__ import annotations

import json

from django.db.backends.utils import CursorWrapper

from contacts.imports.limits import MAX_REJECTED_BYTES, MAX_REJECTED_ROWS
from contacts.models import ContactImport

#: (number, reason, cells) of a row.
Rejected = tuple[int, str, list[str]]

# Not COPY: if an installation has one database role for everything, row-level security applies here and refuses it.
INSERT = """
INSERT INTO contacts_rejectedrow (workspace_id, contact_import_id, line, reason, cells)
SELECT %s, %s, line, reason, cells FROM unnest(%s::bigint[], %s::text[], %s::jsonb[]) AS u(line, reason, cells)
"""


def keep(cursor: CursorWrapper, contact_import: ContactImport, rejected: list[Rejected]) -> dict[str, int]:
    """Store the rows while there is room. Returns how many were kept, and the bytes of their cells, as additions to the
    import's counts."""
    room = MAX_REJECTED_ROWS - contact_import.rejected_kept
    bytes_left = MAX_REJECTED_BYTES - contact_import.rejected_bytes
    rows, size = [], 0
    for number, reason, cells in sorted(rejected)[:room]:
        # jsonb has no NUL.
        text = json.dumps([cell.replace("\0", "\ufffd") for cell in cells], ensure_ascii=False)
        size_of_row = len(text.encode())
        if size + size_of_row > bytes_left:
            # The limit is reached for good: a later, shorter row would leave a gap that nobody could explain.
            size = bytes_left
            break
        rows.append((number, reason, text))
        size += size_of_row
    if rows:
        numbers, reasons, texts = (list(column) for column in zip(*rows, strict=True))
        cursor.execute(INSERT, [contact_import.workspace_id, contact_import.pk, numbers, reasons, texts])
    return {"rejected_kept": len(rows), "rejected_bytes": size}
