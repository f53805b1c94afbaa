import django.db.models.deletion
from django.db import migrations, models

import kernel.rls

KEY = """
CREATE UNIQUE INDEX IF NOT EXISTS templates_app_messagetemplate_ws ON templates_app_messagetemplate (workspace_id, id);
ALTER TABLE templates_app_messagetemplate ADD CONSTRAINT templates_app_messagetemplate_original_ws
    FOREIGN KEY (workspace_id, original_id) REFERENCES templates_app_messagetemplate (workspace_id, id)
    DEFERRABLE INITIALLY DEFERRED NOT VALID;
"""
NO_KEY = "ALTER TABLE templates_app_messagetemplate DROP CONSTRAINT templates_app_messagetemplate_original_ws"


class Migration(migrations.Migration):
    dependencies = [("templates_app", "0013_words_of_earlier_templates")]

    operations = [
        migrations.AddField(
            model_name="messagetemplate",
            name="language",
            field=models.CharField(blank=True, db_default="", default="", max_length=8),
        ),
        migrations.AddField(
            model_name="messagetemplate",
            name="original",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="translations",
                to="templates_app.messagetemplate",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(KEY, NO_KEY)],
            [
                migrations.AddConstraint(
                    "messagetemplate",
                    kernel.rls.SameWorkspace("original", name="templates_app_messagetemplate_original_ws"),
                )
            ],
        ),
    ]
