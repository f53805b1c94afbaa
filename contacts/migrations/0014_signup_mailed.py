from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_audit_of_record"),
        ("contacts", "0013_checked_in_sets"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="signup", name="signup_unconfirmed"),
        migrations.AddField(model_name="signup", name="mailed_at", field=models.DateTimeField(null=True)),
        migrations.AddIndex(
            model_name="signup", index=models.Index(fields=["workspace", "email"], name="signup_of_address")
        ),
        # When it was is not known; that it was, is.
        migrations.RunSQL(
            "UPDATE contacts_signup SET mailed_at = asked_at WHERE message_id <> ''", migrations.RunSQL.noop
        ),
    ]
