from django.db import models
from django.utils import timezone

from kernel.rls import SameWorkspace
from kernel.tenancy import WorkspaceModel


class CampaignBatch(WorkspaceModel):
    """A batch of a campaign and why it was opened. There is one for each reason and number, so that a job that runs
    twice opens nothing twice."""

    class Reason(models.TextChoices):
        MAIN = "main"
        VARIANT = "variant"  # of a test, for a share of the audience
        REMAINDER = "remainder"  # of a test: whom no variant has
        ZONE = "zone"
        OCCURRENCE = "occurrence"  # of a campaign that is sent again and again
        RESEND = "resend"  # to those who did not open
        RETRY = "retry"  # of failed or unknown messages

    campaign = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.CASCADE, related_name="parts", db_constraint=False, db_index=False
    )
    batch = models.ForeignKey(
        "delivery.Batch", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    reason = models.CharField(max_length=12, choices=Reason)
    number = models.IntegerField()
    # Which version of the template it sends.
    version = models.ForeignKey(
        "templates_app.TemplateVersion",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    opened_at = models.DateTimeField(default=timezone.now)

    class Meta(WorkspaceModel.Meta):
        ordering = ["batch_id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "campaign", "reason", "number"], name="one_batch_a_reason"),
            models.UniqueConstraint(fields=["workspace", "batch"], name="one_campaign_a_batch"),
            SameWorkspace("campaign"),
            SameWorkspace("batch"),
            SameWorkspace("version"),
        ]

    def __str__(self):
        return f"{self.get_reason_display()} {self.number}"
