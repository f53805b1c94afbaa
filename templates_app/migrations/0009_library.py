import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kernel.rls


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_name_kinds"),
        ("templates_app", "0008_pictures"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="messagetemplate",
            name="category",
            field=models.CharField(blank=True, db_default="", default="", max_length=20, verbose_name="category"),
        ),
        migrations.AddField(
            model_name="messagetemplate",
            name="archived_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="messagetemplate",
            name="words",
            field=models.TextField(blank=True, db_default="", default="", editable=False),
        ),
        migrations.AddField(
            model_name="messagetemplate",
            name="name_key",
            field=models.CharField(
                blank=True, db_collation="C", db_default="", default="", editable=False, max_length=120
            ),
        ),
        migrations.AddField(
            model_name="templateversion",
            name="name",
            field=models.CharField(blank=True, db_default="", default="", max_length=80, verbose_name="name"),
        ),
        migrations.CreateModel(
            name="TemplateFavourite",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "template",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="favourites",
                        to="templates_app.messagetemplate",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["workspace", "template"], name="favourites_of_template")],
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "user", "template"), name="one_favourite_a_template"),
                    kernel.rls.SameWorkspace("template", name="templates_app_templatefavourite_template_ws"),
                ],
            },
        ),
        kernel.rls.ProtectTable(
            model_name="templatefavourite",
        ),
    ]
