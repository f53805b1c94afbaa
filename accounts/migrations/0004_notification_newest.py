from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0003_encrypt_second_factors")]
    operations = [
        AddIndexConcurrently(
            model_name="notification",
            index=models.Index(fields=["workspace", "user", "id"], name="notification_newest"),
        )
    ]
