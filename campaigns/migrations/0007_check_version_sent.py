from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("campaigns", "0006_version_sent")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE campaigns_campaignbatch VALIDATE CONSTRAINT campaigns_campaignbatch_version_ws",
            migrations.RunSQL.noop,
        )
    ]
