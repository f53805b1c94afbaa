"""Two senders of one name may exist where they are of two channels."""

from django.db import migrations, models

INDEX = """
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS one_sender_a_name_and_channel
    ON delivery_sender (workspace_id, channel, email, name) WHERE deleted_at IS NULL
"""
UNIQUE = models.UniqueConstraint(
    fields=["workspace", "channel", "email", "name"],
    condition=models.Q(deleted_at=None),
    name="one_sender_a_name_and_channel",
)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("delivery", "0012_channels")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(INDEX, "DROP INDEX CONCURRENTLY IF EXISTS one_sender_a_name_and_channel")],
            [migrations.AddConstraint("sender", UNIQUE)],
        ),
        migrations.RemoveConstraint("sender", "one_sender_a_name"),
    ]
