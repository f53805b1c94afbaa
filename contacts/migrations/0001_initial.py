import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import kernel.rls

# The consent ledger is append-only, but for erasure: what identifies (IP address, page, free text) may be emptied, and
# nothing else changed.
LEDGER = """
CREATE FUNCTION fanfare.refuse_change_but_erasure() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    identifying text[] := ARRAY['address', 'page', 'reason', 'wording', 'message_id'];
BEGIN
    IF fanfare.sees_all() THEN RETURN coalesce(NEW, OLD); END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - identifying = to_jsonb(OLD) - identifying
       AND NEW.address IS NULL AND NEW.page = '' AND NEW.reason = '' AND NEW.message_id = ''
       AND NEW.wording IN (OLD.wording, '') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'fanfare: % is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON contacts_consent
    FOR EACH ROW EXECUTE FUNCTION fanfare.refuse_change_but_erasure();
"""
# Segments on a field's value, upper and lower case alike (contacts.segments.field_conditions). Only the engine role may
# use it: row-level security keeps the web role off GIN.
ATTRIBUTES = """
CREATE INDEX contact_by_attributes ON contacts_contact USING gin (((lower(attributes::text))::jsonb) jsonb_path_ops);
"""
SQL = LEDGER + ATTRIBUTES
UNDO = """
DROP INDEX contact_by_attributes;
DROP TRIGGER append_only ON contacts_consent;
DROP FUNCTION fanfare.refuse_change_but_erasure();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Company",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "name_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower("name"),
                        output_field=models.CharField(db_collation="C", max_length=200),
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "Active"), ("inactive", "Inactive"), ("abandoned", "Abandoned")],
                        default="active",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("prospect", "Prospect"), ("client", "Client"), ("loyal", "Loyal client")],
                        default="prospect",
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("industry", models.CharField(blank=True, max_length=120, verbose_name="industry")),
                ("size", models.CharField(blank=True, max_length=40, verbose_name="size")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                ("phone", models.CharField(blank=True, max_length=16, verbose_name="phone")),
                ("website", models.URLField(blank=True, verbose_name="website")),
                ("import_id", models.BigIntegerField(editable=False, null=True)),
                ("import_effect", models.CharField(db_default="", default="", editable=False, max_length=10)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(auto_now=True)),
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
                "verbose_name": "company",
                "verbose_name_plural": "companies",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
                (
                    "email",
                    models.EmailField(blank=True, db_collation="C", max_length=254, null=True, verbose_name="e-mail"),
                ),
                (
                    "phone",
                    models.CharField(blank=True, db_collation="C", max_length=16, null=True, verbose_name="phone"),
                ),
                (
                    "external_id",
                    models.CharField(
                        blank=True, db_collation="C", max_length=120, null=True, verbose_name="customer number"
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=120, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=120, verbose_name="last name")),
                (
                    "first_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower("first_name"),
                        output_field=models.CharField(db_collation="C", max_length=120),
                    ),
                ),
                (
                    "last_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower("last_name"),
                        output_field=models.CharField(db_collation="C", max_length=120),
                    ),
                ),
                (
                    "language",
                    models.CharField(blank=True, db_default="", default="", max_length=8, verbose_name="language"),
                ),
                ("attributes", models.JSONField(blank=True, default=dict)),
                (
                    "address_kind",
                    models.CharField(
                        blank=True,
                        choices=[("", "Personal"), ("role", "Shared address (info@)"), ("disposable", "Disposable")],
                        db_default="",
                        default="",
                        max_length=10,
                        verbose_name="type of address",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("subscribed", "Subscribed"),
                            ("pending", "No consent yet"),
                            ("unsubscribed", "Unsubscribed"),
                            ("bounced", "Bounced"),
                            ("complained", "Complained"),
                        ],
                        default="pending",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                (
                    "sms_status",
                    models.CharField(
                        choices=[
                            ("subscribed", "Subscribed"),
                            ("pending", "No consent yet"),
                            ("unsubscribed", "Unsubscribed"),
                            ("bounced", "Bounced"),
                            ("complained", "Complained"),
                        ],
                        db_default="pending",
                        default="pending",
                        max_length=12,
                        verbose_name="SMS",
                    ),
                ),
                (
                    "whatsapp_status",
                    models.CharField(
                        choices=[
                            ("subscribed", "Subscribed"),
                            ("pending", "No consent yet"),
                            ("unsubscribed", "Unsubscribed"),
                            ("bounced", "Bounced"),
                            ("complained", "Complained"),
                        ],
                        db_default="pending",
                        default="pending",
                        max_length=12,
                        verbose_name="WhatsApp",
                    ),
                ),
                (
                    "tracking_status",
                    models.CharField(
                        choices=[
                            ("subscribed", "Subscribed"),
                            ("pending", "No consent yet"),
                            ("unsubscribed", "Unsubscribed"),
                            ("bounced", "Bounced"),
                            ("complained", "Complained"),
                        ],
                        db_default="pending",
                        default="pending",
                        max_length=12,
                        verbose_name="individual open tracking",
                    ),
                ),
                (
                    "frequency",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Every message"),
                            ("weekly", "Up to one a week"),
                            ("monthly", "Up to one a month"),
                        ],
                        db_default="",
                        default="",
                        max_length=8,
                        verbose_name="how often",
                    ),
                ),
                ("paused_until", models.DateField(blank=True, null=True, verbose_name="pause until")),
                ("engaged_at", models.DateTimeField(editable=False, null=True, verbose_name="last engaged")),
                ("inactive_at", models.DateTimeField(editable=False, null=True, verbose_name="inactive since")),
                ("source", models.CharField(default="form", editable=False, max_length=12, verbose_name="source")),
                ("import_id", models.BigIntegerField(editable=False, null=True)),
                ("import_effect", models.CharField(db_default="", default="", editable=False, max_length=10)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("merged_into_id", models.BigIntegerField(editable=False, null=True)),
                ("erased_at", models.DateTimeField(editable=False, null=True)),
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
                "verbose_name": "contact",
                "verbose_name_plural": "contacts",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="CompanyContact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[("administrator", "Administrator"), ("internal", "Internal contact")],
                        default="internal",
                        max_length=16,
                        verbose_name="role",
                    ),
                ),
                ("import_id", models.BigIntegerField(editable=False, null=True)),
                (
                    "company",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="people",
                        to="contacts.company",
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
                (
                    "contact",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="contacts.contact",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="ContactField",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
                ("name", models.SlugField(max_length=40, verbose_name="merge tag")),
                ("label", models.CharField(max_length=80, verbose_name="label")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("number", "Number"),
                            ("date", "Date"),
                            ("choice", "Choice"),
                            ("boolean", "Yes or no"),
                            ("url", "Web address"),
                        ],
                        default="text",
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("choices", models.JSONField(blank=True, default=list, verbose_name="options")),
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
                "ordering": ["label"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="ContactImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "target",
                    models.CharField(
                        choices=[
                            ("contacts", "Contacts"),
                            ("companies", "Companies"),
                            ("suppress", "Suppression list"),
                        ],
                        default="contacts",
                        max_length=10,
                        verbose_name="imported as",
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("both", "Add new contacts and update existing ones"),
                            ("add", "Only add new contacts"),
                            ("update", "Only update existing contacts"),
                        ],
                        default="both",
                        max_length=6,
                        verbose_name="rows",
                    ),
                ),
                ("format", models.CharField(choices=[("csv", "CSV"), ("xlsx", "Excel")], default="csv", max_length=4)),
                ("sheet", models.CharField(blank=True, max_length=100, verbose_name="sheet")),
                ("name", models.CharField(max_length=200, verbose_name="file")),
                ("size", models.BigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("encoding", models.CharField(max_length=20, verbose_name="encoding")),
                ("delimiter", models.CharField(max_length=1, verbose_name="delimiter")),
                ("has_header", models.BooleanField(default=True, verbose_name="first row contains the column names")),
                ("mapping", models.JSONField(default=list)),
                ("to_make", models.JSONField(default=dict)),
                ("reading", models.JSONField(default=list)),
                ("header_key", models.CharField(blank=True, max_length=64)),
                ("channels", models.JSONField(default=list)),
                (
                    "basis",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("consent", "Consent"),
                            ("soft_opt_in", "Customer of similar products (soft opt-in)"),
                            ("contract", "Contract"),
                            ("legitimate", "Legitimate interest (business address)"),
                        ],
                        default="consent",
                        max_length=12,
                        verbose_name="lawful basis",
                    ),
                ),
                (
                    "consent_source",
                    models.CharField(blank=True, max_length=300, verbose_name="where consent came from"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("uploaded", "Needs mapping"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("undoing", "Being undone"),
                            ("undone", "Undone"),
                        ],
                        default="uploaded",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("cursor", models.BigIntegerField(default=0)),
                ("rows", models.BigIntegerField(default=0)),
                ("created", models.BigIntegerField(default=0)),
                ("updated", models.BigIntegerField(default=0)),
                ("skipped", models.BigIntegerField(default=0)),
                ("merged", models.BigIntegerField(default=0)),
                ("rejected", models.BigIntegerField(default=0)),
                ("kept_out", models.BigIntegerField(default=0)),
                ("uploaded_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("preview", models.JSONField(null=True)),
                (
                    "job",
                    models.ForeignKey(
                        db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, to="accounts.job"
                    ),
                ),
                (
                    "uploaded_by",
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
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "contact import",
                "verbose_name_plural": "contact imports",
                "ordering": ["-id"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="ContactList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("description", models.CharField(blank=True, max_length=300, verbose_name="description")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
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
                "verbose_name": "list",
                "ordering": ["name"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("contacts", "Contacts"),
                            ("suppress", "Suppression list"),
                            ("workspace", "The whole workspace"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "format",
                    models.CharField(
                        choices=[("csv", "CSV"), ("xlsx", "Excel"), ("json", "JSON"), ("zip", "ZIP")],
                        max_length=4,
                        verbose_name="format",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="file")),
                ("scope", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("expired", "Expired"),
                        ],
                        default="running",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("rows", models.BigIntegerField(default=0)),
                ("size", models.BigIntegerField(default=0)),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, to="accounts.job"
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
                "verbose_name": "export",
                "ordering": ["-id"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="ExportPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("n", models.IntegerField()),
                ("data", models.BinaryField()),
                (
                    "export",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="contacts.export",
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
            name="ImportList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "contact_import",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.CASCADE, to="contacts.contactimport"
                    ),
                ),
                (
                    "contact_list",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.CASCADE, to="contacts.contactlist"
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
        migrations.AddField(
            model_name="contactimport",
            name="lists",
            field=models.ManyToManyField(through="contacts.ImportList", to="contacts.contactlist"),
        ),
        migrations.CreateModel(
            name="ImportPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("n", models.IntegerField()),
                ("data", models.BinaryField()),
                (
                    "contact_import",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="contacts.contactimport",
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
            name="ListMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("import_id", models.BigIntegerField(editable=False, null=True)),
                (
                    "contact",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="contacts.contact",
                    ),
                ),
                (
                    "contact_list",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="contacts.contactlist",
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
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(max_length=4000, verbose_name="note")),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="contacts.contact",
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
            },
        ),
        migrations.CreateModel(
            name="RejectedRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.BigIntegerField()),
                ("reason", models.CharField(max_length=200)),
                ("cells", models.JSONField(default=list)),
                (
                    "contact_import",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rejected_rows",
                        to="contacts.contactimport",
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
                "ordering": ["id"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Segment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("definition", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
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
                "verbose_name": "segment",
                "ordering": ["name"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="SignupForm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                ("intro", models.TextField(blank=True, max_length=1000, verbose_name="introduction")),
                ("button", models.CharField(blank=True, max_length=40, verbose_name="button")),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("fr", "Français")],
                        default="en",
                        max_length=8,
                        verbose_name="language",
                    ),
                ),
                ("fields", models.JSONField(default=list)),
                ("wording", models.TextField(max_length=1000, verbose_name="consent wording")),
                ("tags", models.JSONField(blank=True, default=list)),
                (
                    "double_opt_in",
                    models.BooleanField(default=True, verbose_name="ask for confirmation by e-mail (double opt-in)"),
                ),
                ("thanks", models.TextField(blank=True, max_length=1000, verbose_name="thank-you text")),
                ("thanks_url", models.URLField(blank=True, verbose_name="thank-you page")),
                ("is_open", models.BooleanField(default=True, verbose_name="open for sign-ups")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "contact_list",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="contacts.contactlist",
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
                "verbose_name": "sign-up form",
                "ordering": ["name"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Signup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(db_collation="C", max_length=254)),
                ("data", models.JSONField(default=dict)),
                ("wording", models.TextField()),
                ("wording_version", models.CharField(max_length=16)),
                ("page", models.CharField(blank=True, max_length=300)),
                ("address", models.GenericIPAddressField(null=True)),
                ("user_agent", models.CharField(blank=True, max_length=300)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("message_id", models.CharField(blank=True, db_default="", default="", max_length=120)),
                ("mailed_at", models.DateTimeField(null=True)),
                ("reminded_at", models.DateTimeField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField()),
                (
                    "contact",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="contacts.contact",
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
                (
                    "form",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="signups",
                        to="contacts.signupform",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="FormTopic",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                (
                    "form",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.CASCADE, to="contacts.signupform"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Suppression",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(default="email", max_length=8)),
                ("recipient", models.CharField(db_collation="C", max_length=254, null=True, verbose_name="address")),
                ("digest", models.BinaryField(null=True)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("unsubscribed", "Unsubscribed"),
                            ("bounced", "Bounced"),
                            ("complained", "Complained"),
                            ("manual", "Added manually"),
                            ("imported", "Imported file"),
                            ("erased", "Erased"),
                        ],
                        max_length=12,
                        verbose_name="reason",
                    ),
                ),
                ("note", models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="note")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
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
                "verbose_name": "suppression",
                "verbose_name_plural": "suppressions",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
                ("name", models.CharField(max_length=60, verbose_name="tag")),
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
                "ordering": ["name"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="ImportTag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "contact_import",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.CASCADE, to="contacts.contactimport"
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
                (
                    "tag",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.CASCADE, to="contacts.tag"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="ContactTag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("import_id", models.BigIntegerField(editable=False, null=True)),
                (
                    "contact",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
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
                (
                    "tag",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="contacts.tag",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddField(
            model_name="contactimport",
            name="tags",
            field=models.ManyToManyField(through="contacts.ImportTag", to="contacts.tag"),
        ),
        migrations.CreateModel(
            name="Topic",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("description", models.CharField(blank=True, max_length=200, verbose_name="description")),
                (
                    "needs_choice",
                    models.BooleanField(
                        default=False,
                        help_text="Otherwise all subscribers receive it until they opt out.",
                        verbose_name="only for people who chose it",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
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
                "verbose_name": "topic",
                "ordering": ["position", "name"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddField(
            model_name="signupform",
            name="topics",
            field=models.ManyToManyField(through="contacts.FormTopic", to="contacts.topic"),
        ),
        migrations.AddField(
            model_name="formtopic",
            name="topic",
            field=models.ForeignKey(
                db_constraint=False, on_delete=django.db.models.deletion.CASCADE, to="contacts.topic"
            ),
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("email", "E-mail"),
                            ("sms", "SMS"),
                            ("whatsapp", "WhatsApp"),
                            ("tracking", "Individual open tracking"),
                        ],
                        default="email",
                        max_length=8,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Confirmation requested"),
                            ("granted", "Given"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "basis",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("consent", "Consent"),
                            ("soft_opt_in", "Customer of similar products (soft opt-in)"),
                            ("contract", "Contract"),
                            ("legitimate", "Legitimate interest (business address)"),
                        ],
                        db_default="",
                        default="consent",
                        max_length=12,
                        verbose_name="lawful basis",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("import", "Import"),
                            ("member", "Entered by a member"),
                            ("form", "Sign-up form"),
                            ("confirmed", "Confirmed by double opt-in"),
                            ("preferences", "Preference centre"),
                            ("one_click", "One-click unsubscribe in the mail app"),
                            ("page", "Unsubscribe page"),
                            ("provider", "Reported by the provider"),
                            ("merge", "Copied from a merged contact"),
                        ],
                        max_length=12,
                        verbose_name="source",
                    ),
                ),
                ("wording", models.TextField(blank=True, verbose_name="proof")),
                ("wording_version", models.CharField(blank=True, db_default="", default="", max_length=16)),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                ("page", models.CharField(blank=True, db_default="", default="", max_length=300, verbose_name="page")),
                ("import_id", models.BigIntegerField(null=True)),
                ("message_id", models.CharField(blank=True, db_default="", default="", max_length=120)),
                ("address", models.GenericIPAddressField(null=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "actor",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                (
                    "contact",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="contacts.contact",
                    ),
                ),
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
            ],
            options={
                "ordering": ["-id"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="TopicChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(default="email", max_length=8)),
                ("wanted", models.BooleanField()),
                ("at", models.DateTimeField(auto_now=True)),
                (
                    "contact",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="contacts.contact",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
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
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="BlockedDomain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("domain", models.CharField(db_collation="C", max_length=253, verbose_name="domain")),
                ("at", models.DateTimeField(auto_now_add=True)),
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
                "ordering": ["domain"],
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("workspace", "domain"), name="one_block_a_domain")],
            },
        ),
        kernel.rls.ProtectTable(
            model_name="blockeddomain",
        ),
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
                            ("mark_active", "Mark as active"),
                            ("delete", "Delete"),
                            ("merge_tag", "Merge a tag into another"),
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
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, to="accounts.job"
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
                "indexes": [models.Index(fields=["workspace", "id"], name="bulk_action_ws")],
                "constraints": [kernel.rls.SameWorkspace("job", name="contacts_bulkaction_job_ws")],
            },
        ),
        kernel.rls.ProtectTable(
            model_name="bulkaction",
        ),
        migrations.AddIndex(
            model_name="company",
            index=models.Index(fields=["workspace", "id"], name="company_ws"),
        ),
        migrations.AddConstraint(
            model_name="company",
            constraint=models.UniqueConstraint(fields=("workspace", "name_key"), name="one_company_a_name"),
        ),
        kernel.rls.ProtectTable(
            model_name="company",
        ),
        kernel.rls.ProtectTable(
            model_name="companycontact",
        ),
        kernel.rls.ProtectTable(
            model_name="consent",
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["workspace", "status", "id"], name="contact_by_status"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["workspace", "first_key", "id"], name="contact_by_first_name"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["workspace", "last_key", "id"], name="contact_by_last_name"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)),
                fields=["workspace", "deleted_at", "id"],
                name="contact_in_trash",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("address_kind", ""), _negated=True),
                fields=["workspace", "address_kind", "id"],
                name="contact_by_address_kind",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("inactive_at__isnull", False)), fields=["workspace", "id"], name="contact_inactive"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("merged_into_id__isnull", False)),
                fields=["workspace", "merged_into_id"],
                name="contact_merged_into",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.UniqueConstraint(fields=("workspace", "email"), name="one_contact_an_address"),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.UniqueConstraint(
                condition=models.Q(("phone__isnull", False)), fields=("workspace", "phone"), name="one_contact_a_phone"
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id__isnull", False)),
                fields=("workspace", "external_id"),
                name="one_contact_an_external_id",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("email__isnull", False),
                    ("phone__isnull", False),
                    ("external_id__isnull", False),
                    ("erased_at__isnull", False),
                    ("merged_into_id__isnull", False),
                    _connector="OR",
                ),
                name="known_by_something",
            ),
        ),
        kernel.rls.ProtectTable(
            model_name="contact",
        ),
        migrations.AddIndex(
            model_name="companycontact",
            index=models.Index(fields=["workspace", "contact"], name="companies_of_contact"),
        ),
        migrations.AddConstraint(
            model_name="companycontact",
            constraint=models.UniqueConstraint(fields=("workspace", "company", "contact"), name="company_contact_once"),
        ),
        migrations.AddConstraint(
            model_name="companycontact",
            constraint=kernel.rls.SameWorkspace("company", name="contacts_companycontact_company_ws"),
        ),
        migrations.AddConstraint(
            model_name="companycontact",
            constraint=kernel.rls.SameWorkspace("contact", name="contacts_companycontact_contact_ws"),
        ),
        migrations.AddConstraint(
            model_name="contactfield",
            constraint=models.UniqueConstraint(fields=("workspace", "name"), name="one_field_a_name"),
        ),
        kernel.rls.ProtectTable(
            model_name="contactfield",
        ),
        kernel.rls.ProtectTable(
            model_name="contactimport",
        ),
        migrations.AddIndex(
            model_name="contactlist",
            index=models.Index(fields=["workspace", "id"], name="list_ws"),
        ),
        migrations.AddConstraint(
            model_name="contactlist",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted_at", None)), fields=("workspace", "name"), name="one_list_a_name"
            ),
        ),
        kernel.rls.ProtectTable(
            model_name="contactlist",
        ),
        kernel.rls.ProtectTable(
            model_name="contacttag",
        ),
        migrations.AddIndex(
            model_name="export",
            index=models.Index(fields=["workspace", "id"], name="export_ws"),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=kernel.rls.SameWorkspace("job", name="contacts_export_job_ws"),
        ),
        kernel.rls.ProtectTable(
            model_name="export",
        ),
        migrations.AddConstraint(
            model_name="exportpart",
            constraint=models.UniqueConstraint(fields=("workspace", "export", "n"), name="one_export_part_a_number"),
        ),
        migrations.AddConstraint(
            model_name="exportpart",
            constraint=kernel.rls.SameWorkspace("export", name="contacts_exportpart_export_ws"),
        ),
        kernel.rls.ProtectTable(
            model_name="exportpart",
        ),
        kernel.rls.ProtectTable(
            model_name="formtopic",
        ),
        migrations.AddConstraint(
            model_name="importlist",
            constraint=kernel.rls.SameWorkspace("contact_import", name="contacts_importlist_contact_import_ws"),
        ),
        migrations.AddConstraint(
            model_name="importlist",
            constraint=kernel.rls.SameWorkspace("contact_list", name="contacts_importlist_contact_list_ws"),
        ),
        kernel.rls.ProtectTable(
            model_name="importlist",
        ),
        migrations.AddConstraint(
            model_name="importpart",
            constraint=models.UniqueConstraint(fields=("workspace", "contact_import", "n"), name="one_part_a_number"),
        ),
        migrations.AddConstraint(
            model_name="importpart",
            constraint=kernel.rls.SameWorkspace("contact_import", name="contacts_importpart_contact_import_ws"),
        ),
        kernel.rls.ProtectTable(
            model_name="importpart",
        ),
        kernel.rls.ProtectTable(
            model_name="importtag",
        ),
        migrations.AddIndex(
            model_name="listmember",
            index=models.Index(fields=["workspace", "contact"], name="lists_of_contact"),
        ),
        migrations.AddConstraint(
            model_name="listmember",
            constraint=models.UniqueConstraint(fields=("workspace", "contact_list", "contact"), name="on_list_once"),
        ),
        migrations.AddConstraint(
            model_name="listmember",
            constraint=kernel.rls.SameWorkspaceInSets("contact_list", name="contacts_listmember_contact_list_ws"),
        ),
        migrations.AddConstraint(
            model_name="listmember",
            constraint=kernel.rls.SameWorkspaceInSets("contact", name="contacts_listmember_contact_ws"),
        ),
        kernel.rls.ProtectTable(
            model_name="listmember",
        ),
        migrations.AddIndex(
            model_name="note",
            index=models.Index(fields=["workspace", "contact", "id"], name="note_of_contact"),
        ),
        migrations.AddConstraint(
            model_name="note",
            constraint=kernel.rls.SameWorkspace("contact", name="contacts_note_contact_ws"),
        ),
        kernel.rls.ProtectTable(
            model_name="note",
        ),
        migrations.AddConstraint(
            model_name="rejectedrow",
            constraint=kernel.rls.SameWorkspace("contact_import", name="contacts_rejectedrow_contact_import_ws"),
        ),
        kernel.rls.ProtectTable(
            model_name="rejectedrow",
        ),
        migrations.AddIndex(
            model_name="segment",
            index=models.Index(fields=["workspace", "id"], name="segment_ws"),
        ),
        migrations.AddConstraint(
            model_name="segment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted_at", None)), fields=("workspace", "name"), name="one_segment_a_name"
            ),
        ),
        kernel.rls.ProtectTable(
            model_name="segment",
        ),
        kernel.rls.ProtectTable(
            model_name="signup",
        ),
        kernel.rls.ProtectTable(
            model_name="signupform",
        ),
        migrations.AddIndex(
            model_name="signup",
            index=models.Index(fields=["workspace", "form", "id"], name="signup_of_form"),
        ),
        migrations.AddIndex(
            model_name="signup",
            index=models.Index(fields=["workspace", "email"], name="signup_of_address"),
        ),
        migrations.AddConstraint(
            model_name="signup",
            constraint=kernel.rls.SameWorkspace("form", name="contacts_signup_form_ws"),
        ),
        migrations.AddConstraint(
            model_name="signup",
            constraint=kernel.rls.SameWorkspace("contact", name="contacts_signup_contact_ws"),
        ),
        migrations.AddIndex(
            model_name="suppression",
            index=models.Index(fields=["workspace", "channel", "id"], name="suppression_by_channel"),
        ),
        migrations.AddIndex(
            model_name="suppression",
            index=models.Index(fields=["workspace", "channel", "reason", "id"], name="suppression_by_reason"),
        ),
        migrations.AddConstraint(
            model_name="suppression",
            constraint=models.UniqueConstraint(
                fields=("workspace", "channel", "recipient"), name="one_suppression_an_address"
            ),
        ),
        migrations.AddConstraint(
            model_name="suppression",
            constraint=models.UniqueConstraint(
                condition=models.Q(("digest__isnull", False)),
                fields=("workspace", "channel", "digest"),
                name="one_suppression_a_digest",
            ),
        ),
        migrations.AddConstraint(
            model_name="suppression",
            constraint=models.CheckConstraint(
                condition=models.Q(("recipient__isnull", False), ("digest__isnull", False), _connector="XOR"),
                name="address_or_digest",
            ),
        ),
        kernel.rls.ProtectTable(
            model_name="suppression",
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted_at", None)), fields=("workspace", "name"), name="one_tag_a_name"
            ),
        ),
        kernel.rls.ProtectTable(
            model_name="tag",
        ),
        migrations.AddConstraint(
            model_name="importtag",
            constraint=kernel.rls.SameWorkspace("contact_import", name="contacts_importtag_contact_import_ws"),
        ),
        migrations.AddConstraint(
            model_name="importtag",
            constraint=kernel.rls.SameWorkspace("tag", name="contacts_importtag_tag_ws"),
        ),
        migrations.AddIndex(
            model_name="contacttag",
            index=models.Index(fields=["workspace", "contact"], name="tags_of_contact"),
        ),
        migrations.AddConstraint(
            model_name="contacttag",
            constraint=models.UniqueConstraint(fields=("workspace", "tag", "contact"), name="tag_once"),
        ),
        migrations.AddConstraint(
            model_name="contacttag",
            constraint=kernel.rls.SameWorkspaceInSets("contact", name="contacts_contacttag_contact_ws"),
        ),
        migrations.AddConstraint(
            model_name="contacttag",
            constraint=kernel.rls.SameWorkspaceInSets("tag", name="contacts_contacttag_tag_ws"),
        ),
        migrations.AddIndex(
            model_name="contactimport",
            index=models.Index(fields=["workspace", "header_key", "id"], name="import_by_header"),
        ),
        migrations.AddIndex(
            model_name="contactimport",
            index=models.Index(fields=["workspace", "sha256"], name="import_by_file"),
        ),
        migrations.AddConstraint(
            model_name="contactimport",
            constraint=kernel.rls.SameWorkspace("job", name="contacts_contactimport_job_ws"),
        ),
        migrations.AddIndex(
            model_name="topic",
            index=models.Index(fields=["workspace", "id"], name="topic_ws"),
        ),
        migrations.AddConstraint(
            model_name="topic",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted_at", None)), fields=("workspace", "name"), name="one_topic_a_name"
            ),
        ),
        kernel.rls.ProtectTable(
            model_name="topic",
        ),
        migrations.AddIndex(
            model_name="signupform",
            index=models.Index(fields=["workspace", "id"], name="signup_form_ws"),
        ),
        migrations.AddConstraint(
            model_name="signupform",
            constraint=kernel.rls.SameWorkspace("contact_list", name="contacts_signupform_contact_list_ws"),
        ),
        migrations.AddConstraint(
            model_name="formtopic",
            constraint=models.UniqueConstraint(fields=("workspace", "form", "topic"), name="form_topic_once"),
        ),
        migrations.AddConstraint(
            model_name="formtopic",
            constraint=kernel.rls.SameWorkspace("form", name="contacts_formtopic_form_ws"),
        ),
        migrations.AddConstraint(
            model_name="formtopic",
            constraint=kernel.rls.SameWorkspace("topic", name="contacts_formtopic_topic_ws"),
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(fields=["workspace", "contact", "id"], name="consent_of_contact"),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=kernel.rls.SameWorkspace("contact", name="contacts_consent_contact_ws"),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=kernel.rls.SameWorkspace("topic", name="contacts_consent_topic_ws"),
        ),
        migrations.AddIndex(
            model_name="topicchoice",
            index=models.Index(fields=["workspace", "contact"], name="topics_of_contact"),
        ),
        migrations.AddConstraint(
            model_name="topicchoice",
            constraint=models.UniqueConstraint(
                fields=("workspace", "topic", "channel", "contact"), name="one_choice_a_topic"
            ),
        ),
        migrations.AddConstraint(
            model_name="topicchoice",
            constraint=kernel.rls.SameWorkspace("topic", name="contacts_topicchoice_topic_ws"),
        ),
        migrations.AddConstraint(
            model_name="topicchoice",
            constraint=kernel.rls.SameWorkspace("contact", name="contacts_topicchoice_contact_ws"),
        ),
        kernel.rls.ProtectTable(
            model_name="topicchoice",
        ),
        migrations.RunSQL(SQL, UNDO),
    ]
