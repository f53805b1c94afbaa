from django.db import migrations

from kernel.partition_migrations import PartitionTable


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0009_message_of_provider"),
    ]

    operations = [
        PartitionTable(
            "message",
            column="batch_id",
            # Ids beyond those that are in use.
            first_end="SELECT (coalesce(max(id), 0) / 10000 + 1) * 10000 FROM delivery_batch",
            storage="fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05",
        ),
    ]
