from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0010_message_partitions"),
    ]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="source",
            field=models.CharField(db_default="", default="audience", max_length=40),
        ),
    ]
