import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import kernel.rls


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("contacts", "0001_initial"),
        ("delivery", "0001_initial"),
        ("templates_app", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Campaign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("subject", models.CharField(blank=True, max_length=250, verbose_name="subject")),
                ("preheader", models.CharField(blank=True, max_length=250, verbose_name="preview text")),
                ("audience", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("scheduled", "Scheduled"),
                            ("sending", "Sending"),
                            ("paused", "Paused"),
                            ("sent", "Sent"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("wall_time", models.DateTimeField(null=True)),
                ("zone", models.CharField(blank=True, max_length=64)),
                ("fires_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("started_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="delivery.provideraccount",
                        verbose_name="send with",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="delivery.batch",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="delivery.sender",
                        verbose_name="sender",
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="templates_app.messagetemplate",
                        verbose_name="template",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="contacts.topic",
                        verbose_name="topic",
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
                "verbose_name": "campaign",
                "verbose_name_plural": "campaigns",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["workspace", "id"], name="campaign_newest"),
                    models.Index(fields=["workspace", "batch"], name="campaign_of_batch"),
                    models.Index(condition=models.Q(("state", "scheduled")), fields=["fires_at"], name="campaign_due"),
                ],
                "constraints": [
                    kernel.rls.SameWorkspace("sender", name="campaigns_campaign_sender_ws"),
                    kernel.rls.SameWorkspace("template", name="campaigns_campaign_template_ws"),
                    kernel.rls.SameWorkspace("account", name="campaigns_campaign_account_ws"),
                    kernel.rls.SameWorkspace("batch", name="campaigns_campaign_batch_ws"),
                    kernel.rls.SameWorkspace("topic", name="campaigns_campaign_topic_ws"),
                ],
            },
        ),
        kernel.rls.ProtectTable(
            model_name="campaign",
        ),
    ]
