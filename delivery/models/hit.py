from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from kernel.tenancy import WorkspaceModel


class HitKind(models.IntegerChoices):
    OPEN = 1, "Open"
    CLICK = 2, "Click"


class MadeBy(models.IntegerChoices):
    """Who asked for our address, as far as the request tells."""

    PERSON = 1
    PROGRAM = 2  # a link scanner, a crawler, a script
    UNKNOWN = 3  # no user agent, or a mailbox provider's image proxy: perhaps for a reader


class _Hit(WorkspaceModel):
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    batch_id = models.BigIntegerField()
    contact_id = models.BigIntegerField()
    kind = models.SmallIntegerField(choices=HitKind)
    link = models.IntegerField(null=True)  # its position in the batch's content
    at = models.DateTimeField(db_default=Now())
    # What later questions need: which program, which rule would have told it apart, from which network (an address
    # without its last part: /24, /48).
    made_by = models.SmallIntegerField(choices=MadeBy, default=MadeBy.PERSON, db_default=MadeBy.PERSON)
    agent = models.CharField(max_length=300, blank=True, default="", db_default="")
    network = models.GenericIPAddressField(null=True)

    Kind = HitKind
    MadeBy = MadeBy

    class Meta(WorkspaceModel.Meta):
        abstract = True

    def __str__(self):
        return f"{self.batch_id}/{self.contact_id} {self.get_kind_display()}"


class IncomingHit(_Hit):
    """An open or a click as it came in: the spool that `delivery.hits` appends to and `delivery.folding` empties."""

    class Meta(_Hit.Meta):
        pass


class Hit(_Hit):
    """An open or a click that was folded. Partitioned by months, and kept for HIT_DAYS. Its id is the spool's; with the
    time it is the primary key."""

    class Meta(_Hit.Meta):
        indexes = [models.Index(fields=["workspace", "batch_id", "contact_id"], name="hit_of_message")]


class HourlyHits(WorkspaceModel):
    """How many first opens and first clicks of a batch's messages there were in an hour, for the report's chart."""

    batch_id = models.BigIntegerField()
    kind = models.SmallIntegerField(choices=HitKind)
    hour = models.DateTimeField()
    n = models.BigIntegerField(default=0)

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "batch_id", "kind", "hour"], name="one_row_an_hour")
        ]

    def __str__(self):
        return f"{self.batch_id} {self.hour:%Y-%m-%d %H}"
