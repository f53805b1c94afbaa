from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="quota",
            name="channel",
            field=models.CharField(default="email", max_length=20, verbose_name="channel"),
        ),
    ]
