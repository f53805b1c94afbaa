from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("templates_app", "0002_content"),
    ]

    operations = [
        migrations.AddField(
            model_name="messagetemplate",
            name="channel",
            field=models.CharField(db_default="email", default="email", max_length=20),
        ),
    ]
