"""Files of imports and exports may be kept outside the database. Rows without a name have their files in parts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0014_import_events"),
    ]

    operations = [
        migrations.AddField(
            model_name="contactimport",
            name="file",
            field=models.CharField(blank=True, db_default="", default="", max_length=100),
        ),
        migrations.AddField(
            model_name="export",
            name="file",
            field=models.CharField(blank=True, db_default="", default="", max_length=100),
        ),
        migrations.AddField(
            model_name="export",
            name="sha256",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
    ]
