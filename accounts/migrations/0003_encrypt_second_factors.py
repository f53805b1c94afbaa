from collections.abc import Callable

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from kernel.secrets import decrypt, encrypt

PREFIX = "gAAAA"  # of what Fernet made; a base32 secret has no small letters, a seed of recovery codes is hexadecimal


def change_all(apps: Apps, schema_editor: BaseDatabaseSchemaEditor, change: Callable[[str], str]) -> None:
    for row in apps.get_model("mfa", "Authenticator").objects.using(schema_editor.connection.alias).all():
        for name in {"secret", "seed"} & set(row.data):
            row.data[name] = change(row.data[name])
        if "migrated_codes" in row.data:
            row.data["migrated_codes"] = [change(code) for code in row.data["migrated_codes"]]
        row.save(update_fields=["data"])


def to_encrypted(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    change_all(apps, schema_editor, lambda text: text if text.startswith(PREFIX) else encrypt(text))


def to_plain(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    change_all(apps, schema_editor, lambda text: decrypt(text) if text.startswith(PREFIX) else text)


class Migration(migrations.Migration):
    """Few rows, two per person at most: no job is needed."""

    dependencies = [
        ("accounts", "0002_protect_people"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunPython(to_encrypted, to_plain)]
