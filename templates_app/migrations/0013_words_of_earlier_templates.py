from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from kernel.words import fold
from templates_app.plain_text import text_of

MAX_WORDS, MAX_NAME = 20_000, 120  # characters, as the model has them


def note_words(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """As MessageTemplate.save() does with each that is saved from now on."""
    templates = apps.get_model("templates_app", "MessageTemplate").objects.using(schema_editor.connection.alias)
    for row in templates.filter(words="").only("pk", "name", "html", "text").iterator(chunk_size=50):
        words = fold(f"{row.name}\n{row.text or text_of(row.html)}")[:MAX_WORDS]
        templates.filter(pk=row.pk).update(words=words, name_key=fold(row.name)[:MAX_NAME])


class Migration(migrations.Migration):
    """Templates saved before the library are found in it and sorted by name. Some thousands of rows at most."""

    dependencies = [("templates_app", "0012_templates_in_order")]

    operations = [migrations.RunPython(note_words, migrations.RunPython.noop)]
