"""Partitions in tests: what there is, and batches beyond it."""

from datetime import timedelta

from django.db import connections
from django.utils import timezone

from delivery.models import Batch, ProviderAccount
from kernel import partitions

MESSAGES = partitions.TABLES["delivery_message"]


def execute(sql: str, params=()) -> list[tuple]:
    """As the owner."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def parts(table=MESSAGES) -> list[partitions.Partition]:
    with connections["owner"].cursor() as cursor:
        return partitions.partitions(cursor, table)


def open_batches(n: int, days_ago: int = 0) -> list[int]:
    """Ids of so many new batches of the active workspace, without messages."""
    account, now = ProviderAccount.objects.get(), timezone.now()
    rows = Batch.objects.bulk_create([Batch(account=account, expires_at=now) for _ in range(n)])
    ids = [row.pk for row in rows]
    Batch.objects.filter(pk__in=ids).update(created_at=now - timedelta(days=days_ago))
    return ids


def jump_beyond_all_partitions() -> None:
    """Let ids of batches go on far beyond what there are partitions for, as if the job had not run for long."""
    end = max(part.high for part in parts() if not part.is_default)
    execute("SELECT setval('delivery_batch_id_seq', greatest(%s, nextval('delivery_batch_id_seq')))", [end + 5000])
