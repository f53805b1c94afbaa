"""A phone number may belong to several contacts. The new indexes come first, so that look-ups always have one."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("accounts", "0003_encrypt_second_factors"),
        ("contacts", "0010_channels"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("phone__isnull", False)),
                fields=["workspace", "phone", "deleted_at"],
                name="contact_by_phone",
            ),
        ),
        AddIndexConcurrently(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("merged_into_id__isnull", False), ("phone__isnull", False)),
                fields=["workspace", "phone"],
                name="contact_merged_by_phone",
            ),
        ),
        migrations.RemoveConstraint(model_name="contact", name="one_contact_a_phone"),
        migrations.AlterField(
            model_name="consent",
            name="source",
            field=models.CharField(
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
                    ("same_number", "Opt-out of another contact with the same number"),
                ],
                max_length=12,
                verbose_name="source",
            ),
        ),
    ]
