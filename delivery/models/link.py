from django.db import models

from kernel.tenancy import WorkspaceModel


class TrackedLink(WorkspaceModel):
    """The target of a link in a batch's messages, behind the click redirect. The redirect's URL names this row and
    contains no target that could be changed, so it is no open redirect."""

    batch = models.ForeignKey(
        "delivery.Batch", on_delete=models.CASCADE, related_name="links", db_constraint=False, db_index=False
    )
    n = models.IntegerField()
    url = models.TextField()
    clicks = models.BigIntegerField(default=0)

    class Meta(WorkspaceModel.Meta):
        ordering = ["n"]
        constraints = [models.UniqueConstraint(fields=["workspace", "batch", "n"], name="one_link_a_number")]

    def __str__(self):
        return self.url
