from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="channel",
            field=models.CharField(db_default="email", default="email", max_length=20),
        ),
    ]
