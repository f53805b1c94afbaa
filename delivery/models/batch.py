from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from delivery.registry import FIRST
from kernel.rls import SameWorkspace
from kernel.tenancy import WorkspaceModel


class Batch(WorkspaceModel):
    """One content for many people: its sender, audience and purpose, and how far sending has come."""

    class State(models.TextChoices):
        FILLING = "filling", _("Preparing")
        SENDING = "sending", _("Sending")
        FINISHED = "finished", _("Finished")
        CANCELLED = "cancelled", pgettext_lazy("batch", "Cancelled")

    class Purpose(models.TextChoices):
        MARKETING = "marketing", _("Marketing")
        SERVICE = "service", _("Requested")  # a confirmation, a link: needs no marketing consent
        TEST = "test", _("Test")

    name = models.CharField(max_length=200)
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.MARKETING)
    channel = models.CharField(max_length=20, default=FIRST)
    # What it says; shared by all batches that say the same. Empty where it can't be sent any more.
    content = models.ForeignKey(
        "templates_app.Content",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    # What of the message is not content: its sender, the postal address, a test's recipient, one person's links.
    parameters = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    account = models.ForeignKey(
        "delivery.ProviderAccount", on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    # Who it is written for: a name of delivery.sources, and what that source wants to know about them.
    source = models.CharField(max_length=40, default="audience", db_default="")
    audience = models.JSONField(default=dict)
    topic = models.ForeignKey(
        "contacts.Topic", on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    # Whom of its audience it is for (delivery.shares): buckets of a hash of the contact, and nobody whom other batches
    # have, given by their ids.
    share_seed = models.BigIntegerField(default=0, db_default=0)
    share_first = models.IntegerField(default=0, db_default=0)
    share_end = models.IntegerField(default=10_000, db_default=10_000)
    excludes = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    not_before = models.DateTimeField(null=True)  # nothing of it is sent earlier
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.FILLING)
    is_paused = models.BooleanField(default=False)
    cursor = models.BigIntegerField(default=0)
    filled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)
    # Held because many messages failed for this reason: a person has to decide. `decided`: the reasons in spite of
    # which somebody went on.
    decision = models.CharField(max_length=40, blank=True, db_default="")
    decided = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    # The batch whose failed or unknown messages this one tries again.
    origin_id = models.BigIntegerField(null=True)
    # pace: messages ended per second, measured every few seconds. `paced` had ended at `paced_at`.
    pace = models.FloatField(default=0)
    paced = models.BigIntegerField(default=0)
    paced_at = models.DateTimeField(default=timezone.now)

    class Meta(WorkspaceModel.Meta):
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        constraints = [SameWorkspace("account"), SameWorkspace("topic"), SameWorkspace("content")]
        indexes = [
            models.Index(fields=["workspace", "id"], name="batch_ws"),
            models.Index(fields=["id"], condition=models.Q(finished_at=None), name="batch_open"),
            models.Index(fields=["workspace", "content"], name="batch_content"),
            models.Index(fields=["origin_id"], condition=models.Q(origin_id__isnull=False), name="batch_retries"),
        ]

    def __str__(self):
        return f"{self.name} ({self.pk})"

    @property
    def is_tracked(self) -> bool:
        """Whether it has counted links and an open pixel. A test does: it is the real message, and never counted."""
        return self.purpose != self.Purpose.SERVICE

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.FINISHED, self.State.CANCELLED)

    @property
    def is_retry(self) -> bool:
        """Whether it tries messages of another batch again."""
        return self.origin_id is not None

    def tallies(self) -> dict[str, int]:
        """Totals by fact: planned, accepted, skipped, failed, unknown, cancelled, expired, opened, clicked, ..."""
        totals: dict[str, int] = {}
        for fact, n in Tally.objects.filter(batch=self).values_list("fact", "n"):
            totals[fact] = totals.get(fact, 0) + n
        return totals


class Tally(WorkspaceModel):
    """How many messages of a batch a fact holds for, by reason. Counted in the transaction that changes the messages,
    because the cost of counting the messages themselves would grow with the table."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    fact = models.CharField(max_length=12)
    reason = models.CharField(max_length=40, default="")
    n = models.BigIntegerField(default=0)

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "batch", "fact", "reason"], name="one_tally_a_fact"),
            SameWorkspace("batch"),
        ]

    def __str__(self):
        return f"{self.fact} {self.reason} {self.n}"
