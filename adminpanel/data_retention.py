"""What grows, how large it is, and for how long it is kept: for platform staff."""

from __future__ import annotations

from django.db import connections

from kernel import partitions


def read() -> list[dict]:
    """For each partitioned table its label, days, partitions with sizes, and problems, as the template needs them."""
    with connections["owner"].cursor() as cursor:
        return [
            {
                "label": table.label,
                "days": table.keep_days(),
                "partitions": (found := partitions.partitions(cursor, table)),
                "size": sum(part.size for part in found),
                "problems": list(partitions.problems(cursor, table)),
            }
            for table in partitions.TABLES
        ]
