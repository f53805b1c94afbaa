"""A batch points to its content, and keeps the rest (sender, a test's recipient) as parameters.

The old column has the same name in Python as the new key. It leaves Django's state here, is read by the next migration
and removed by the one after.
"""

import django.db.models.deletion
from django.db import migrations, models

import kernel.rls

# Checked for new rows from now on; 0007 checks the old ones, without a lock that anybody waits for.
KEY = """
CREATE UNIQUE INDEX IF NOT EXISTS templates_app_content_ws ON templates_app_content (workspace_id, id);
ALTER TABLE delivery_batch ADD CONSTRAINT delivery_batch_content_ws FOREIGN KEY (workspace_id, content_id)
    REFERENCES templates_app_content (workspace_id, id) DEFERRABLE INITIALLY DEFERRED NOT VALID;
"""
NO_KEY = "ALTER TABLE delivery_batch DROP CONSTRAINT delivery_batch_content_ws"
FREE = "ALTER TABLE delivery_batch ALTER content DROP NOT NULL"


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0004_server_offers"),
        ("templates_app", "0002_content"),
    ]

    operations = [
        migrations.AddField(
            "batch", "parameters", models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(FREE, migrations.RunSQL.noop)], [migrations.RemoveField("batch", "content")]
        ),
        migrations.AddField(
            "batch",
            "content",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="templates_app.content",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(KEY, NO_KEY)],
            [migrations.AddConstraint("batch", kernel.rls.SameWorkspace("content", name="delivery_batch_content_ws"))],
        ),
    ]
