"""The contents of old batches become rows of their own; the same one is stored once.

Their HTML has the redirects, the preheader and the pixel already, and messages with these links are in mailboxes. So it
stays as it is, and says so (`is_prepared`). A batch is some rows of a table of batches, not of messages: no job is
needed, and no release had the old column.
"""

import hashlib
import json

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CHUNK = 200
BODY = ("subject", "preheader", "html", "text")
WRITE = """
INSERT INTO templates_app_content (workspace_id, hash, channel, kind, language, body, created_at)
VALUES (%s, %s, %s, 'html', '', %s, now()) ON CONFLICT (workspace_id, hash) DO NOTHING
"""
POINT = """
UPDATE delivery_batch SET parameters = %s, content = NULL, content_id = (
    SELECT id FROM templates_app_content WHERE workspace_id = %s AND hash = %s)
WHERE id = %s
"""
BACK = """
UPDATE delivery_batch b SET content = (c.body - 'is_prepared') || b.parameters
FROM templates_app_content c WHERE c.id = b.content_id AND b.content IS NULL
"""


def move(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    last = 0
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT id, workspace_id, channel, content FROM delivery_batch "
                "WHERE id > %s AND content IS NOT NULL ORDER BY id LIMIT %s",
                [last, CHUNK],
            )
            rows = cursor.fetchall()
            for batch_id, workspace_id, channel, content in rows:
                held = json.loads(content) if isinstance(content, str) else content
                name = None
                if "html" in held:
                    body = {part: held.get(part, "") for part in BODY} | {"is_prepared": True}
                    name = _name_of(channel, body)
                    cursor.execute(WRITE, [workspace_id, name, channel, json.dumps(body)])
                parameters = {part: value for part, value in held.items() if part not in BODY}
                cursor.execute(POINT, [json.dumps(parameters), workspace_id, name, batch_id])
                last = batch_id
            if len(rows) < CHUNK:
                return


def move_back(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(BACK)


def _name_of(channel: str, body: dict) -> str:
    held = json.dumps([channel, "html", "", body], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(held.encode("utf-8", "surrogatepass")).hexdigest()


class Migration(migrations.Migration):
    dependencies = [("delivery", "0005_batch_content")]
    operations = [migrations.RunPython(move, move_back)]
