"""The one batch of each campaign, and the retries of that batch. A campaign is one row here, a retry another: no job is
needed."""

from django.db import migrations

MOVE = """
INSERT INTO campaigns_campaignbatch (workspace_id, campaign_id, batch_id, reason, number, opened_at)
SELECT c.workspace_id, c.id, b.id, 'main', 1, b.created_at
FROM campaigns_campaign c JOIN delivery_batch b ON b.id = c.batch_id AND b.workspace_id = c.workspace_id
UNION ALL
SELECT c.workspace_id, c.id, r.id, 'retry', row_number() OVER (PARTITION BY c.id ORDER BY r.id), r.created_at
FROM campaigns_campaign c JOIN delivery_batch r ON r.origin_id = c.batch_id AND r.workspace_id = c.workspace_id
ON CONFLICT DO NOTHING
"""
MOVE_BACK = """
UPDATE campaigns_campaign c SET batch_id = p.batch_id FROM campaigns_campaignbatch p
WHERE p.campaign_id = c.id AND p.workspace_id = c.workspace_id AND p.reason = 'main' AND p.number = 1
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0003_campaign_batch")]
    operations = [migrations.RunSQL(MOVE, MOVE_BACK)]
