from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """While the table is no partitioned one yet: those take no index concurrently."""

    atomic = False

    dependencies = [
        ("delivery", "0008_message_columns"),
    ]

    operations = [
        AddIndexConcurrently(
            "message",
            models.Index(
                fields=["provider_id"], condition=models.Q(provider_id__isnull=False), name="message_of_provider"
            ),
        ),
    ]
