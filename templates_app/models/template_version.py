from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.rls import SameWorkspace
from kernel.tenancy import WorkspaceModel
from templates_app.plain_text import text_of


class TemplateVersion(WorkspaceModel):
    """What a template said at some time. `templates_app.versions.freeze` writes it, and nothing changes what it
    says: a campaign sends a version, and its report names it."""

    template = models.ForeignKey(
        "templates_app.MessageTemplate",
        on_delete=models.CASCADE,
        related_name="versions",
        db_constraint=False,
        db_index=False,
    )
    number = models.IntegerField()
    # Given by a person who wants to find it again: such a version is kept for ever.
    name = models.CharField(_("name"), max_length=80, blank=True, default="", db_default="")
    content = models.ForeignKey(
        "templates_app.Content", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    created_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(WorkspaceModel.Meta):
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "template", "number"], name="one_version_a_number"),
            SameWorkspace("template"),
            SameWorkspace("content"),
        ]
        indexes = [models.Index(fields=["workspace", "content"], name="version_content")]

    @property
    def text_part(self) -> str:
        """The merchant's own text, else the one made from the HTML."""
        return self.content.body["text"] or text_of(self.content.body["html"])

    def __str__(self):
        return f"{self.template} {self.number}"
