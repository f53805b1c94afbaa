from django.db import migrations, models

INDEX = """
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS one_translation_a_language
    ON templates_app_messagetemplate (workspace_id, original_id, language)
    WHERE (deleted_at IS NULL AND original_id IS NOT NULL)
"""
NO_INDEX = "DROP INDEX CONCURRENTLY IF EXISTS one_translation_a_language"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("templates_app", "0014_translations")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE templates_app_messagetemplate VALIDATE CONSTRAINT templates_app_messagetemplate_original_ws",
            migrations.RunSQL.noop,
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(INDEX, NO_INDEX)],
            [
                migrations.AddConstraint(
                    "messagetemplate",
                    models.UniqueConstraint(
                        condition=models.Q(deleted_at=None, original__isnull=False),
                        fields=("workspace", "original", "language"),
                        name="one_translation_a_language",
                    ),
                )
            ],
        ),
    ]
