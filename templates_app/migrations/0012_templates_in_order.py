"""The orders of the library with the id, so that a page is read from the index also where many rows are equal."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("templates_app", "0011_brand")]

    operations = [
        AddIndexConcurrently(
            model_name="messagetemplate",
            index=models.Index(fields=["workspace", "-updated_at", "-id"], name="template_edited"),
        ),
        AddIndexConcurrently(
            model_name="messagetemplate",
            index=models.Index(fields=["workspace", "name_key", "id"], name="template_named"),
        ),
        RemoveIndexConcurrently(model_name="messagetemplate", name="template_recent"),
        RemoveIndexConcurrently(model_name="messagetemplate", name="template_by_name"),
    ]
