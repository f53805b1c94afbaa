from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0007_only_batch_content"),
    ]

    operations = [
        migrations.AddField("message", "complained_at", models.DateTimeField(null=True)),
        migrations.AddField("message", "read_at", models.DateTimeField(null=True)),
        migrations.AddField("message", "replied_at", models.DateTimeField(null=True)),
        migrations.AddField("message", "language", models.CharField(max_length=12, null=True)),
        migrations.AddField("message", "variant", models.SmallIntegerField(null=True)),
        migrations.AddField("message", "provider_id", models.CharField(max_length=200, null=True)),
        migrations.AddField("message", "units", models.SmallIntegerField(null=True)),
        migrations.AddField("message", "cost", models.BigIntegerField(null=True)),
        migrations.AddField(
            "provideraccount", "currency", models.CharField(blank=True, db_default="", default="", max_length=3)
        ),
    ]
