from django.db import migrations

SECOND_STEP = "no release read the column batch_id of campaigns"
# Its index and its composite key go with the column.
DROP = "ALTER TABLE campaigns_campaign DROP COLUMN batch_id"
ADD = """
ALTER TABLE campaigns_campaign ADD COLUMN batch_id bigint;
CREATE INDEX campaign_of_batch ON campaigns_campaign (workspace_id, batch_id);
ALTER TABLE campaigns_campaign ADD CONSTRAINT campaigns_campaign_batch_ws FOREIGN KEY (workspace_id, batch_id)
    REFERENCES delivery_batch (workspace_id, id) DEFERRABLE INITIALLY DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0004_move_batches")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(DROP, ADD)],
            [
                migrations.RemoveConstraint("campaign", "campaigns_campaign_batch_ws"),
                migrations.RemoveIndex("campaign", "campaign_of_batch"),
                migrations.RemoveField("campaign", "batch"),
            ],
        )
    ]
