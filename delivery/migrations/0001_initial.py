import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import kernel.rls
import kernel.secrets

# fillfactor: a message is updated once or twice, a lease often; room on the page makes those updates HOT.
# django-q2's table comes without an index; a poll of one queue then reads the rows of all.
SQL = """
CREATE SEQUENCE delivery_fence;
ALTER TABLE delivery_message SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE delivery_lease SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE delivery_tally SET (fillfactor = 50);
ALTER TABLE delivery_bucket SET (fillfactor = 50);
CREATE INDEX ormq_poll ON django_q_ormq (key, lock);
INSERT INTO delivery_warmupstep (from_day, per_hour) VALUES (0, 50), (3, 200), (7, NULL);
"""
UNDO = """
DROP INDEX ormq_poll;
DROP SEQUENCE delivery_fence;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("django_q", "__latest__"),
        ("accounts", "0001_initial"),
        ("contacts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Bucket",
            fields=[
                ("key", models.CharField(max_length=120, primary_key=True, serialize=False)),
                ("rate", models.FloatField()),
                ("capacity", models.FloatField()),
                ("tokens", models.FloatField()),
                ("granted", models.IntegerField(default=0)),
                ("wanted", models.IntegerField(default=0)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Deployment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("identity", models.UUIDField()),
                ("name", models.CharField(blank=True, max_length=120)),
                ("system_identifier", models.CharField(max_length=40)),
                ("timeline", models.IntegerField()),
                ("database_oid", models.BigIntegerField()),
                ("epoch", models.BigIntegerField(default=1)),
                ("held_at", models.DateTimeField(null=True)),
                ("held_because", models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name="MailboxLimit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("domain", models.CharField(max_length=253, unique=True, verbose_name="domain")),
                ("per_second", models.FloatField(verbose_name="messages per second")),
            ],
            options={
                "verbose_name": "mailbox provider limit",
                "verbose_name_plural": "mailbox provider limits",
                "ordering": ["domain"],
            },
        ),
        migrations.CreateModel(
            name="WarmUpStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "from_day",
                    models.PositiveIntegerField(
                        help_text="0 is the day of the first campaign.", unique=True, verbose_name="from day"
                    ),
                ),
                (
                    "per_hour",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Leave empty for no limit but the provider's.",
                        null=True,
                        verbose_name="messages per hour",
                    ),
                ),
            ],
            options={
                "verbose_name": "warm-up step",
                "verbose_name_plural": "warm-up plan",
                "ordering": ["from_day"],
            },
        ),
        migrations.CreateModel(
            name="WorkerBeat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("queue", models.CharField(max_length=20, unique=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "worker heartbeat",
                "verbose_name_plural": "worker heartbeats",
            },
        ),
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                (
                    "purpose",
                    models.CharField(
                        choices=[("marketing", "Marketing"), ("service", "Requested"), ("test", "Test")],
                        default="marketing",
                        max_length=10,
                    ),
                ),
                ("channel", models.CharField(default="email", max_length=8)),
                ("content", models.JSONField()),
                ("audience", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("filling", "Preparing"),
                            ("sending", "Sending"),
                            ("finished", "Finished"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="filling",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("is_paused", models.BooleanField(default=False)),
                ("cursor", models.BigIntegerField(default=0)),
                ("filled_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("origin_id", models.BigIntegerField(null=True)),
                ("pace", models.FloatField(default=0)),
                ("paced", models.BigIntegerField(default=0)),
                ("paced_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "topic",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contacts.topic",
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
                "verbose_name": "batch",
                "verbose_name_plural": "batches",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Control",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("all", "All sending"), ("channel", "One channel"), ("workspace", "One workspace")],
                        max_length=10,
                    ),
                ),
                ("channel", models.CharField(blank=True, max_length=8)),
                ("reason", models.CharField(max_length=300)),
                ("set_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "lifted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to="accounts.workspace"
                    ),
                ),
            ],
            options={
                "verbose_name": "kill switch",
                "verbose_name_plural": "kill switches",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "batch_id", "contact_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "state",
                    models.SmallIntegerField(
                        choices=[
                            (0, "Queued"),
                            (1, "Sent"),
                            (2, "Failed"),
                            (3, "Unknown"),
                            (4, "Skipped"),
                            (5, "Cancelled"),
                            (6, "Expired"),
                        ],
                        default=0,
                        verbose_name="state",
                    ),
                ),
                ("round", models.SmallIntegerField(default=0)),
                ("tries", models.SmallIntegerField(default=0)),
                ("reason", models.CharField(blank=True, max_length=40, verbose_name="reason")),
                ("detail", models.CharField(blank=True, max_length=300)),
                ("settled_at", models.DateTimeField(null=True)),
                ("delivered_at", models.DateTimeField(null=True)),
                ("opened_at", models.DateTimeField(null=True)),
                ("clicked_at", models.DateTimeField(null=True)),
                ("bounced_at", models.DateTimeField(null=True)),
                ("unsubscribed_at", models.DateTimeField(null=True)),
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
                    "contact",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="contacts.contact",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="ProviderAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("channel", models.CharField(default="email", max_length=8)),
                ("provider", models.CharField(max_length=20)),
                ("options", models.JSONField(default=dict)),
                ("secret", kernel.secrets.EncryptedJSONField(null=True)),
                ("is_default", models.BooleanField(default=False, verbose_name="default")),
                ("failures", models.IntegerField(default=0)),
                ("retry_at", models.DateTimeField(null=True)),
                ("throttled_until", models.DateTimeField(null=True)),
                ("last_problem", models.CharField(blank=True, max_length=300)),
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
                "verbose_name": "provider account",
                "verbose_name_plural": "provider accounts",
                "ordering": ["name"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddField(
            model_name="batch",
            name="account",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="delivery.provideraccount",
            ),
        ),
        migrations.CreateModel(
            name="Sender",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
                (
                    "name",
                    models.CharField(
                        help_text="The name readers see, such as “Ana from Acme”.", max_length=120, verbose_name="name"
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
                (
                    "reply_to",
                    models.EmailField(
                        blank=True,
                        help_text="Leave empty to use the address above.",
                        max_length=254,
                        verbose_name="reply-to address",
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
                "verbose_name": "sender",
                "ordering": ["name"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fact", models.CharField(max_length=12)),
                ("reason", models.CharField(default="", max_length=40)),
                ("n", models.BigIntegerField(default=0)),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="delivery.batch",
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
            },
        ),
        migrations.CreateModel(
            name="TrackedLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("n", models.IntegerField()),
                ("url", models.TextField()),
                ("clicks", models.BigIntegerField(default=0)),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="delivery.batch",
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
                "ordering": ["n"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="WarmUp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="since")),
                ("is_over", models.BooleanField(default=False, verbose_name="ended by staff")),
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
                "verbose_name": "workspace warm-up",
                "verbose_name_plural": "workspace warm-ups",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="WorkspaceQueue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("served_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("throttled_until", models.DateTimeField(null=True)),
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
            },
        ),
        kernel.rls.ProtectTable(
            model_name="batch",
        ),
        migrations.CreateModel(
            name="CapturedMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("contact_id", models.BigIntegerField()),
                ("recipient", models.CharField(max_length=254)),
                ("subject", models.CharField(max_length=400)),
                ("source", models.BinaryField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
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
                "ordering": ["-id"],
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["workspace", "id"], name="captured_newest"),
                    models.Index(fields=["workspace", "batch", "id"], name="captured_of_batch"),
                ],
            },
        ),
        kernel.rls.ProtectTable(
            model_name="capturedmessage",
        ),
        migrations.CreateModel(
            name="Hit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("batch_id", models.BigIntegerField()),
                ("contact_id", models.BigIntegerField()),
                ("kind", models.SmallIntegerField(choices=[(1, "Open"), (2, "Click")])),
                ("link", models.IntegerField(null=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("folded", models.BooleanField(default=False)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(condition=models.Q(("folded", False)), fields=["id"], name="hit_to_fold"),
                    models.Index(fields=["workspace", "batch_id", "contact_id"], name="hit_of_message"),
                ],
            },
        ),
        kernel.rls.ProtectTable(
            model_name="hit",
        ),
        migrations.CreateModel(
            name="HourlyHits",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("batch_id", models.BigIntegerField()),
                ("kind", models.SmallIntegerField(choices=[(1, "Open"), (2, "Click")])),
                ("hour", models.DateTimeField()),
                ("n", models.BigIntegerField(default=0)),
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
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "batch_id", "kind", "hour"), name="one_row_an_hour")
                ],
            },
        ),
        kernel.rls.ProtectTable(
            model_name="hourlyhits",
        ),
        migrations.CreateModel(
            name="Lease",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("low", models.BigIntegerField()),
                ("high", models.BigIntegerField()),
                ("handed", models.BigIntegerField()),
                ("round", models.SmallIntegerField(default=0)),
                ("state", models.SmallIntegerField(choices=[(0, "Free"), (1, "Taken"), (2, "Done")], default=0)),
                ("worker", models.CharField(blank=True, max_length=80)),
                ("token", models.BigIntegerField(default=0)),
                ("until", models.DateTimeField(null=True)),
                ("not_before", models.DateTimeField(default=django.utils.timezone.now)),
                ("claims", models.SmallIntegerField(default=0)),
                ("urgent", models.BooleanField(default=False)),
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
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "lease",
                "verbose_name_plural": "leases",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", 0)),
                        fields=["workspace", "-urgent", "not_before", "id"],
                        name="lease_free",
                    ),
                    models.Index(condition=models.Q(("state", 1)), fields=["until"], name="lease_taken"),
                    models.Index(condition=models.Q(("state__lt", 2)), fields=["batch"], name="lease_open"),
                ],
                "constraints": [models.UniqueConstraint(fields=("batch", "round", "low"), name="one_lease_a_range")],
            },
        ),
        kernel.rls.ProtectTable(
            model_name="lease",
        ),
        kernel.rls.ProtectTable(
            model_name="message",
        ),
        migrations.AddConstraint(
            model_name="provideraccount",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted_at", None), ("is_default", True)),
                fields=("workspace", "channel"),
                name="one_default_account_a_channel",
            ),
        ),
        kernel.rls.ProtectTable(
            model_name="provideraccount",
        ),
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(fields=["workspace", "id"], name="batch_ws"),
        ),
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(condition=models.Q(("finished_at", None)), fields=["id"], name="batch_open"),
        ),
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(
                condition=models.Q(("origin_id__isnull", False)), fields=["origin_id"], name="batch_retries"
            ),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=kernel.rls.SameWorkspace("account", name="delivery_batch_account_ws"),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=kernel.rls.SameWorkspace("topic", name="delivery_batch_topic_ws"),
        ),
        migrations.AddConstraint(
            model_name="sender",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted_at", None)),
                fields=("workspace", "email", "name"),
                name="one_sender_a_name",
            ),
        ),
        kernel.rls.ProtectTable(
            model_name="sender",
        ),
        migrations.AddConstraint(
            model_name="tally",
            constraint=models.UniqueConstraint(
                fields=("workspace", "batch", "fact", "reason"), name="one_tally_a_fact"
            ),
        ),
        migrations.AddConstraint(
            model_name="tally",
            constraint=kernel.rls.SameWorkspace("batch", name="delivery_tally_batch_ws"),
        ),
        kernel.rls.ProtectTable(
            model_name="tally",
        ),
        migrations.AddConstraint(
            model_name="trackedlink",
            constraint=models.UniqueConstraint(fields=("workspace", "batch", "n"), name="one_link_a_number"),
        ),
        kernel.rls.ProtectTable(
            model_name="trackedlink",
        ),
        migrations.AddConstraint(
            model_name="warmup",
            constraint=models.UniqueConstraint(fields=("workspace",), name="one_warm_up_a_workspace"),
        ),
        kernel.rls.ProtectTable(
            model_name="warmup",
        ),
        migrations.AddConstraint(
            model_name="workspacequeue",
            constraint=models.UniqueConstraint(fields=("workspace",), name="one_queue_a_workspace"),
        ),
        kernel.rls.ProtectTable(
            model_name="workspacequeue",
        ),
        migrations.RunSQL(SQL, UNDO),
    ]
