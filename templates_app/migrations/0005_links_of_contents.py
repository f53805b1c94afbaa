"""The links of contents that were written before links were rows. Contents are some rows of a workspace, and no release
had them without links: no job is needed."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from templates_app.message_links import counted_links

CHUNK = 200


def write_links(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    alias = schema_editor.connection.alias
    contents, links = (apps.get_model("templates_app", name) for name in ("Content", "ContentLink"))
    last = 0
    while rows := list(contents.objects.using(alias).filter(pk__gt=last).order_by("pk")[:CHUNK]):
        last = rows[-1].pk
        links.objects.using(alias).bulk_create(
            [
                links(
                    workspace_id=content.workspace_id,
                    content_id=content.pk,
                    position=position,
                    target=link.target,
                    prefix=link.prefix,
                    label=link.label,
                )
                for content in rows
                for position, link in enumerate(counted_links(content.body.get("html", "")))
            ],
            ignore_conflicts=True,
        )


class Migration(migrations.Migration):
    dependencies = [("templates_app", "0004_links_and_versions")]
    operations = [migrations.RunPython(write_links, migrations.RunPython.noop)]
