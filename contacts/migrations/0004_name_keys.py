"""Tags and lists have one name in any case, with or without accents.

Of several that differ only so, all but the oldest get a number: "vip" beside "VIP" becomes "vip (2)". Merging them is left
to the merchant, because segments, campaigns and forms refer to them. The tables hold some thousand rows of a workspace,
so the lock of a plain CREATE INDEX, in the transaction that numbers the names, is short.
"""

from django.db import migrations, models

import contacts.models.name_key
from contacts.models.name_key import NAME_KEY

NUMBER = """
DO $$
DECLARE one record; n int; free text;
BEGIN
    FOR one IN SELECT d.id, d.workspace_id, d.name FROM (
        SELECT id, workspace_id, name, row_number() OVER (PARTITION BY workspace_id, {key_of_name} ORDER BY id) AS nth
        FROM {table} WHERE deleted_at IS NULL) d WHERE d.nth > 1 ORDER BY d.id
    LOOP
        n := 2;
        LOOP
            free := left(one.name, 50) || ' (' || n || ')';
            EXIT WHEN NOT EXISTS (SELECT FROM {table} t WHERE t.workspace_id = one.workspace_id
                AND t.deleted_at IS NULL AND {key_of_other} = {key_of_free});
            n := n + 1;
        END LOOP;
        UPDATE {table} SET name = free WHERE workspace_id = one.workspace_id AND id = one.id;
    END LOOP;
END $$
"""
MODELS = {"tag": ("contacts_tag", "one_tag_a_key"), "contactlist": ("contacts_contactlist", "one_list_a_key")}


def number_names(table: str) -> str:
    keys = {"key_of_name": "name", "key_of_other": "t.name", "key_of_free": "free"}
    return NUMBER.format(table=table, **{slot: NAME_KEY.format(name) for slot, name in keys.items()})


def operations_of(model: str, table: str, index: str) -> list:
    constraint = models.UniqueConstraint(
        fields=["workspace", "name_key"], condition=models.Q(("deleted_at", None)), name=index
    )
    return [
        migrations.RunSQL(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE", migrations.RunSQL.noop),
        migrations.RunSQL(number_names(table), migrations.RunSQL.noop),
        migrations.AddField(model, "name_key", contacts.models.name_key.NameKeyField()),
        migrations.RunSQL(
            f"CREATE UNIQUE INDEX {index} ON {table} (workspace_id, name_key) WHERE deleted_at IS NULL",
            f"DROP INDEX {index}",
            state_operations=[migrations.AddConstraint(model, constraint)],
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("contacts", "0003_import_notes")]
    operations = [operation for model, names in MODELS.items() for operation in operations_of(model, *names)]
