from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models.name_key import NameKeyField
from kernel.rls import SameWorkspaceInSets
from kernel.tenancy import WorkspaceModel
from kernel.trash import Trashable


class ContactList(Trashable):
    """A list of contacts, filled by hand, by an import, by a form, or as the snapshot of a segment."""

    name = models.CharField(_("name"), max_length=120)
    name_key = NameKeyField()
    description = models.CharField(_("description"), max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(Trashable.Meta):
        verbose_name = _("list")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "name"], condition=models.Q(deleted_at=None), name="one_list_a_name"
            ),
            models.UniqueConstraint(
                fields=["workspace", "name_key"], condition=models.Q(deleted_at=None), name="one_list_a_key"
            ),
        ]
        indexes = [models.Index(fields=["workspace", "id"], name="list_ws")]

    def __str__(self):
        return self.name


class ListMember(WorkspaceModel):
    # No constraint: rows are written in sets of thousands, each from one workspace, and its check would cost a third of
    # an import's time.
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    contact_list = models.ForeignKey(
        ContactList, on_delete=models.CASCADE, related_name="members", db_constraint=False, db_index=False
    )
    contact = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, db_constraint=False, db_index=False)
    import_id = models.BigIntegerField(null=True, editable=False)

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "contact_list", "contact"], name="on_list_once"),
            SameWorkspaceInSets("contact_list"),
            SameWorkspaceInSets("contact"),
        ]
        indexes = [models.Index(fields=["workspace", "contact"], name="lists_of_contact")]

    def __str__(self):
        return f"{self.contact_list_id} {self.contact_id}"
