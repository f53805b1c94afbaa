from __future__ import annotations

from django.db import connections, models
from django.utils import timezone

from kernel.tenancy import WorkspaceModel

RECORD = """
INSERT INTO delivery_hit (workspace_id, batch_id, contact_id, kind, link, at, folded)
SELECT %s, %s, %s, %s, %s, now(), false
WHERE NOT EXISTS (SELECT FROM delivery_hit WHERE workspace_id = %s AND batch_id = %s AND contact_id = %s AND kind = %s
                  AND link IS NOT DISTINCT FROM %s AND at > now() - interval '1 minute')
"""


class Hit(WorkspaceModel):
    """An open or a click. Folded into messages and tallies in sets, then kept for the charts."""

    class Kind(models.IntegerChoices):
        OPEN = 1
        CLICK = 2

    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    batch_id = models.BigIntegerField()
    contact_id = models.BigIntegerField()
    kind = models.SmallIntegerField(choices=Kind)
    link = models.IntegerField(null=True)
    at = models.DateTimeField(default=timezone.now)
    folded = models.BooleanField(default=False)

    class Meta(WorkspaceModel.Meta):
        indexes = [
            models.Index(fields=["id"], condition=models.Q(folded=False), name="hit_to_fold"),
            models.Index(fields=["workspace", "batch_id", "contact_id"], name="hit_of_message"),
        ]

    def __str__(self):
        return f"{self.batch_id}/{self.contact_id} {self.get_kind_display()}"

    @staticmethod
    def record(workspace_id: int, batch_id: int, contact_id: int, kind: Hit.Kind, link: int | None) -> None:
        """Record an open or a click, while looking across workspaces. The same one within a minute is the same hit: a
        link can be fetched without end. (Two at the very same instant may both be recorded.)"""
        with connections["engine"].cursor() as cursor:
            cursor.execute(RECORD, [workspace_id, batch_id, contact_id, int(kind), link] * 2)


class HourlyHits(WorkspaceModel):
    """How many first opens and first clicks of a batch's messages there were in an hour, for the report's chart."""

    batch_id = models.BigIntegerField()
    kind = models.SmallIntegerField(choices=Hit.Kind)
    hour = models.DateTimeField()
    n = models.BigIntegerField(default=0)

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "batch_id", "kind", "hour"], name="one_row_an_hour")
        ]

    def __str__(self):
        return f"{self.batch_id} {self.hour:%Y-%m-%d %H}"
