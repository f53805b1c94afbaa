from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.tenancy import WorkspaceModel


class Lease(WorkspaceModel):
    """A range of contact ids (low, high] of a batch, given to one lane for a while.

    `handed` is the last id a provider call may have been started for. Beyond it nothing was sent, provably; up to it,
    what is not settled when the lease expires is unknown. Hot: no foreign keys in the database.
    """

    class State(models.IntegerChoices):
        FREE = 0
        TAKEN = 1
        DONE = 2

    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    batch = models.ForeignKey(
        "delivery.Batch", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    low = models.BigIntegerField()
    high = models.BigIntegerField()
    handed = models.BigIntegerField()
    round = models.SmallIntegerField(default=0)
    state = models.SmallIntegerField(choices=State, default=State.FREE)
    worker = models.CharField(max_length=80, blank=True)
    token = models.BigIntegerField(default=0)
    until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(default=timezone.now)
    # Claims since the last time it moved on: work that kills its worker again and again is set aside.
    claims = models.SmallIntegerField(default=0)
    urgent = models.BooleanField(default=False)  # tests and transactional messages go before campaigns

    class Meta(WorkspaceModel.Meta):
        verbose_name = _("lease")
        verbose_name_plural = _("leases")
        constraints = [models.UniqueConstraint(fields=["batch", "round", "low"], name="one_lease_a_range")]
        indexes = [
            models.Index(
                fields=["workspace", "-urgent", "not_before", "id"], condition=models.Q(state=0), name="lease_free"
            ),
            models.Index(fields=["until"], condition=models.Q(state=1), name="lease_taken"),
            models.Index(fields=["batch"], condition=models.Q(state__lt=2), name="lease_open"),
        ]

    def __str__(self):
        return f"{self.batch_id} ({self.low}, {self.high}]"


class WorkspaceQueue(WorkspaceModel):
    """When a workspace was last given a lane: the one that has waited longest is next. While its own limit (warm-up) is
    used up, its campaigns are passed over."""

    served_at = models.DateTimeField(default=timezone.now)
    throttled_until = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace"], name="one_queue_a_workspace")]

    def __str__(self):
        return f"{self.workspace_id} {self.served_at:%H:%M:%S}"
