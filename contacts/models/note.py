from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.rls import SameWorkspace
from kernel.tenancy import WorkspaceModel


class Note(WorkspaceModel):
    """A member's note about a person."""

    contact = models.ForeignKey(
        "contacts.Contact", on_delete=models.CASCADE, related_name="notes", db_constraint=False, db_index=False
    )
    text = models.TextField(_("note"), max_length=4000)
    author = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta(WorkspaceModel.Meta):
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["-id"]
        constraints = [SameWorkspace("contact")]
        indexes = [models.Index(fields=["workspace", "contact", "id"], name="note_of_contact")]

    def __str__(self):
        return self.text[:60]
