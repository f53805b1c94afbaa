from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0005_import_reading")]

    operations = [
        migrations.AddField(
            model_name="contactimport",
            name="refused",
            field=models.JSONField(default=dict, db_default={}),
        ),
    ]
