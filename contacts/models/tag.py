from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models.name_key import NameKeyField
from kernel.rls import SameWorkspaceInSets
from kernel.tenancy import WorkspaceModel
from kernel.trash import Trashable


class Tag(Trashable):
    """A label on contacts."""

    name = models.CharField(_("tag"), max_length=60)
    name_key = NameKeyField()

    class Meta(Trashable.Meta):
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "name"], condition=models.Q(deleted_at=None), name="one_tag_a_name"
            ),
            models.UniqueConstraint(
                fields=["workspace", "name_key"], condition=models.Q(deleted_at=None), name="one_tag_a_key"
            ),
        ]

    def __str__(self):
        return self.name


class ContactTag(WorkspaceModel):
    # No constraint: rows are written in sets of thousands, each from one workspace, and its check would cost a third of
    # an import's time.
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    contact = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, db_constraint=False, db_index=False)
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    import_id = models.BigIntegerField(null=True, editable=False)

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "tag", "contact"], name="tag_once"),
            SameWorkspaceInSets("contact"),
            SameWorkspaceInSets("tag"),
        ]
        indexes = [models.Index(fields=["workspace", "contact"], name="tags_of_contact")]

    def __str__(self):
        return f"{self.contact_id} {self.tag_id}"
