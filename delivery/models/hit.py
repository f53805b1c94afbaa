from django.db import models
from django.utils import timezone

from kernel.tenancy import WorkspaceModel


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
