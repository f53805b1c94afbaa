from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

SECOND_STEP = "no release read the column content of batches"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("delivery", "0006_move_contents")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE delivery_batch VALIDATE CONSTRAINT delivery_batch_content_ws", migrations.RunSQL.noop
        ),
        AddIndexConcurrently("batch", models.Index(fields=["workspace", "content"], name="batch_content")),
        migrations.RunSQL(
            "ALTER TABLE delivery_batch DROP COLUMN IF EXISTS content",
            "ALTER TABLE delivery_batch ADD COLUMN IF NOT EXISTS content jsonb",
        ),
    ]
