from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0016_export_kinds")]

    operations = [
        migrations.AddField(
            model_name="contactimport",
            name="to_make",
            field=models.JSONField(default=dict),
        ),
    ]
