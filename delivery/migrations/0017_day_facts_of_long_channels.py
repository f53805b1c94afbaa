from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0016_incoming_hits"),
    ]

    operations = [
        migrations.AlterField("dayfact", "channel", models.CharField(max_length=20)),
    ]
