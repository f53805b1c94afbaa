from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("templates_app", "0009_library")]

    operations = [
        AddIndexConcurrently(
            model_name="messagetemplate",
            index=models.Index(fields=["workspace", "name_key"], name="template_by_name"),
        ),
    ]
