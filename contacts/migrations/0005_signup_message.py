from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0004_erasable_consent")]
    operations = [
        migrations.AddField(
            "signup", "message_id", models.CharField(blank=True, db_default="", default="", max_length=120)
        )
    ]
