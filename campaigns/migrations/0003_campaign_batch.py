"""A campaign has many batches: a row between them has the reason and a number."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import kernel.rls

REASONS = [
    ("main", "Main"),
    ("variant", "Variant"),
    ("remainder", "Remainder"),
    ("zone", "Zone"),
    ("occurrence", "Occurrence"),
    ("resend", "Resend"),
    ("retry", "Retry"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_notification_newest"),
        ("campaigns", "0002_channels"),
        ("delivery", "0007_only_batch_content"),
    ]

    operations = [
        migrations.CreateModel(
            name="CampaignBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(choices=REASONS, max_length=12)),
                ("number", models.IntegerField()),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="delivery.batch",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="campaigns.campaign",
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
                "ordering": ["batch_id"],
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "campaign", "reason", "number"), name="one_batch_a_reason"
                    ),
                    models.UniqueConstraint(fields=("workspace", "batch"), name="one_campaign_a_batch"),
                    kernel.rls.SameWorkspace("campaign", name="campaigns_campaignbatch_campaign_ws"),
                    kernel.rls.SameWorkspace("batch", name="campaigns_campaignbatch_batch_ws"),
                ],
            },
        ),
        kernel.rls.ProtectTable(model_name="campaignbatch"),
    ]
