from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.tenancy import WorkspaceModel


class Job(WorkspaceModel):
    """Progress of background work, for the page that waits for it. What the work itself stores is authoritative."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    kind = models.CharField(_("kind"), max_length=40)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.QUEUED)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    message = models.CharField(max_length=300, blank=True)
    path = models.CharField(max_length=300, blank=True)
    owner = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["-id"]
        indexes = [models.Index(fields=["workspace", "id"], name="job_ws_id")]

    #: Since it was asked for. The queue repeats a job that failed each minute and gives up after the fifth time, so
    #: that one comes later than this and says what the problem was.
    TRY_FOR = timedelta(minutes=3, seconds=30)
    KINDS = {
        "import": _("Contact import"),
        "campaign": _("Campaign"),
        "export": _("Export"),
        "snapshot": _("List from a segment"),
        "bulk": _("Bulk action"),
    }

    def __str__(self):
        return f"{self.kind} {self.pk}"

    @property
    def label(self) -> str:
        return str(self.KINDS.get(self.kind, self.kind))

    @property
    def percent(self) -> int:
        if self.state == self.State.DONE:
            return 100
        return min(99, int(100 * self.done / self.total)) if self.total else 0

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def may_be_tried_again(self) -> bool:
        """Whether it waits by itself for what is away, perhaps for some minutes only."""
        return self.is_open and timezone.now() < self.created_at + self.TRY_FOR

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        self.state, self.done = self.State.RUNNING, done
        self.total = total if total is not None else self.total
        self.message = message or self.message
        self.save(update_fields=["state", "done", "total", "message", "updated_at"])

    def finish(self, state: str, message: str = "") -> None:
        self.state, self.message, self.finished_at = state, message, timezone.now()
        self.save(update_fields=["state", "message", "finished_at", "updated_at"])
