from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0007_suppression_filters")]
    operations = [
        migrations.AddField(
            "signup", "message_id", models.CharField(blank=True, db_default="", default="", max_length=120)
        )
    ]
