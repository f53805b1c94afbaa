import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kernel.rls


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_audit_of_record"),
        ("contacts", "0005_attributes_index"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BulkAction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "verb",
                    models.CharField(
                        choices=[
                            ("tag", "Add a tag"),
                            ("untag", "Remove a tag"),
                            ("list", "Add to a list"),
                            ("unlist", "Remove from a list"),
                            ("unsubscribe", "Unsubscribe from e-mail"),
                            ("delete", "Delete"),
                            ("merge_tag", "Merge a tag into another"),
                            ("delete_tag", "Delete a tag"),
                            ("delete_field", "Delete a field"),
                        ],
                        max_length=12,
                        verbose_name="action",
                    ),
                ),
                ("scope", models.JSONField(default=dict)),
                ("target_id", models.BigIntegerField(null=True)),
                ("cursor", models.BigIntegerField(default=0)),
                ("upto", models.BigIntegerField(default=0)),
                ("seen", models.BigIntegerField(default=0)),
                ("changed", models.BigIntegerField(default=0)),
                ("address", models.GenericIPAddressField(null=True)),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-id"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("merged_into_id__isnull", False)),
                fields=["workspace", "merged_into_id"],
                name="contact_merged_into",
            ),
        ),
        migrations.AddField(
            model_name="bulkaction",
            name="asked_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="bulkaction",
            name="job",
            field=models.ForeignKey(
                db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, to="accounts.job"
            ),
        ),
        migrations.AddField(
            model_name="bulkaction",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.workspace",
            ),
        ),
        migrations.AddIndex(
            model_name="bulkaction",
            index=models.Index(fields=["workspace", "id"], name="bulk_action_ws"),
        ),
        migrations.AddConstraint(
            model_name="bulkaction",
            constraint=kernel.rls.SameWorkspace("job", name="contacts_bulkaction_job_ws"),
        ),
        kernel.rls.ProtectTable(
            model_name="bulkaction",
        ),
    ]
