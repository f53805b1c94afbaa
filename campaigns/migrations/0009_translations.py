from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0008_archive")]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="translations",
            field=models.JSONField(db_default={}, default=dict),
        ),
    ]
