from django.db import models
from django.utils import timezone

from kernel.tenancy import WorkspaceModel


class CapturedMessage(WorkspaceModel):
    """A message that the sandbox kept instead of sending."""

    batch = models.ForeignKey(
        "delivery.Batch", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    contact_id = models.BigIntegerField()
    recipient = models.CharField(max_length=254)
    subject = models.CharField(max_length=400)
    source = models.BinaryField()
    at = models.DateTimeField(default=timezone.now)

    class Meta(WorkspaceModel.Meta):
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["workspace", "id"], name="captured_newest"),
            models.Index(fields=["workspace", "batch", "id"], name="captured_of_batch"),
        ]

    def __str__(self):
        return self.subject
