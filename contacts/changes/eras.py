"""Numbers of transactions belong to a PostgreSQL server. In another one, to which the database was restored or moved,
they begin anew: later changes would have lower numbers and never be read. So each server has its own era.

It is the default of a column, so that writing costs nothing; a new one begins when a restore is finished or confirmed.
"""

from __future__ import annotations

from django.db import connections, transaction

#: SQL: the era that changes are written in now.
CURRENT = """SELECT substring(pg_get_expr(d.adbin, d.adrelid) FROM '[0-9]+')::smallint FROM pg_attrdef d
    JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    WHERE d.adrelid = 'contacts_contactchange'::regclass AND a.attname = 'era'"""
# Changes that were written to the new server before its era began: later ids than that of the highest number, which
# the old server gave. A few that are read twice are better than one that is lost.
EARLY = """
UPDATE contacts_contactchange SET era = era + 1 WHERE era = %(era)s AND xact < pg_snapshot_xmax(pg_current_snapshot())
::text::bigint AND id > (SELECT id FROM contacts_contactchange WHERE era = %(era)s ORDER BY xact DESC, id DESC LIMIT 1)
"""


def begin(using: str = "owner") -> int:
    """Begin a new era, and return its number. Waits for transactions that are writing changes."""
    with transaction.atomic(using), connections[using].cursor() as cursor:
        cursor.execute("SELECT to_regclass('contacts_contactchange') IS NULL")
        if cursor.fetchone()[0]:
            return 1  # a backup of an older Fanfare: its migration makes the table
        cursor.execute("LOCK TABLE contacts_contactchange IN ACCESS EXCLUSIVE MODE")
        cursor.execute(CURRENT)
        era = cursor.fetchone()[0]
        cursor.execute(EARLY, {"era": era})
        cursor.execute(f"ALTER TABLE contacts_contactchange ALTER COLUMN era SET DEFAULT {era + 1:d}")
    return era + 1
