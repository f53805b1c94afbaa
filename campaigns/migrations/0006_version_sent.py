import django.db.models.deletion
from django.db import migrations, models

import kernel.rls

KEY = """
CREATE UNIQUE INDEX IF NOT EXISTS templates_app_templateversion_ws ON templates_app_templateversion (workspace_id, id);
ALTER TABLE campaigns_campaignbatch ADD CONSTRAINT campaigns_campaignbatch_version_ws
    FOREIGN KEY (workspace_id, version_id) REFERENCES templates_app_templateversion (workspace_id, id)
    DEFERRABLE INITIALLY DEFERRED NOT VALID;
"""
NO_KEY = "ALTER TABLE campaigns_campaignbatch DROP CONSTRAINT campaigns_campaignbatch_version_ws"


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0005_only_campaign_batches"),
        ("templates_app", "0004_links_and_versions"),
    ]

    operations = [
        migrations.AddField(
            "campaignbatch",
            "version",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="templates_app.templateversion",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(KEY, NO_KEY)],
            [
                migrations.AddConstraint(
                    "campaignbatch", kernel.rls.SameWorkspace("version", name="campaigns_campaignbatch_version_ws")
                )
            ],
        ),
    ]
