"""Accounts say which channels they serve; the default account is chosen by channel."""

import django.db.models.deletion
from django.db import migrations, models

import delivery.models.provider_account
import kernel.rls

MOVE = """
UPDATE delivery_provideraccount SET channels = jsonb_build_array(channel);
INSERT INTO delivery_defaultaccount (workspace_id, channel, account_id)
SELECT workspace_id, channel, id FROM delivery_provideraccount WHERE is_default AND deleted_at IS NULL;
"""
BACK = """
UPDATE delivery_provideraccount a SET is_default = EXISTS (SELECT FROM delivery_defaultaccount d
    WHERE d.account_id = a.id AND d.channel = a.channel)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_notification_newest"),
        ("delivery", "0011_batch_source"),
    ]

    operations = [
        migrations.CreateModel(
            name="DefaultAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(max_length=20)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddField(
            model_name="provideraccount",
            name="channels",
            field=models.JSONField(
                db_default=models.Value(["email"], models.JSONField()),
                default=delivery.models.provider_account._first_channels,
            ),
        ),
        migrations.AddField(
            model_name="sender",
            name="channel",
            field=models.CharField(db_default="email", default="email", max_length=20),
        ),
        migrations.AddField(
            model_name="sender",
            name="identity",
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.AlterField(
            model_name="batch",
            name="channel",
            field=models.CharField(default="email", max_length=20),
        ),
        migrations.AlterField(
            model_name="control",
            name="channel",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name="defaultaccount",
            name="account",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="defaults",
                to="delivery.provideraccount",
            ),
        ),
        migrations.AddField(
            model_name="defaultaccount",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.workspace",
            ),
        ),
        migrations.AddConstraint(
            model_name="defaultaccount",
            constraint=models.UniqueConstraint(fields=("workspace", "channel"), name="one_default_a_channel"),
        ),
        migrations.AddConstraint(
            model_name="defaultaccount",
            constraint=kernel.rls.SameWorkspace("account", name="delivery_defaultaccount_account_ws"),
        ),
        kernel.rls.ProtectTable(
            model_name="defaultaccount",
        ),
        # An account is one of a few rows of a workspace: no job is needed.
        migrations.RunSQL(MOVE, BACK),
    ]
