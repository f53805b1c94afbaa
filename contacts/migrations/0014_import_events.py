from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0013_contact_changes"),
    ]

    operations = [
        migrations.AddField(
            model_name="contactimport",
            name="event",
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AlterField(
            model_name="contactimport",
            name="target",
            field=models.CharField(
                choices=[
                    ("contacts", "Contacts"),
                    ("companies", "Companies"),
                    ("suppress", "Suppression list"),
                    ("events", "Events: orders, visits …"),
                ],
                default="contacts",
                max_length=10,
                verbose_name="imported as",
            ),
        ),
    ]
