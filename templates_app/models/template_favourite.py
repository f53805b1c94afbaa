from django.db import models

from kernel.rls import SameWorkspace
from kernel.tenancy import WorkspaceModel


class TemplateFavourite(WorkspaceModel):
    """A person wants to find a template quickly. Nobody else sees it."""

    template = models.ForeignKey(
        "templates_app.MessageTemplate",
        on_delete=models.CASCADE,
        related_name="favourites",
        db_constraint=False,
        db_index=False,
    )
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user", "template"], name="one_favourite_a_template"),
            SameWorkspace("template"),
        ]
        indexes = [models.Index(fields=["workspace", "template"], name="favourites_of_template")]

    def __str__(self):
        return f"{self.user_id} {self.template_id}"
