from django.db import models

from kernel.tenancy import WorkspaceModel


class TrackedLink(WorkspaceModel):
    """The target of a link in a batch's messages, behind the click redirect, and how often it was clicked. `n` is the
    position of the link in the content.

    The redirect's URL names this row and decides no host, so it is no open redirect: where a target has merge tags, the
    query string of the click is put behind `prefix`, which ends after the host (decision 0028)."""

    batch = models.ForeignKey(
        "delivery.Batch", on_delete=models.CASCADE, related_name="links", db_constraint=False, db_index=False
    )
    n = models.IntegerField()
    url = models.TextField()
    prefix = models.TextField(default="", db_default="")
    clicks = models.BigIntegerField(default=0)

    class Meta(WorkspaceModel.Meta):
        ordering = ["n"]
        constraints = [models.UniqueConstraint(fields=["workspace", "batch", "n"], name="one_link_a_number")]

    def __str__(self):
        return self.url
