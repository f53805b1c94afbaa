from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.rls import SameWorkspace
from kernel.tenancy import WorkspaceModel


class BulkAction(WorkspaceModel):
    """One action on many contacts. `cursor` is the id of the last contact that was processed, so that work continues
    there after a crash."""

    class Verb(models.TextChoices):
        TAG = "tag", _("Add a tag")
        UNTAG = "untag", _("Remove a tag")
        LIST = "list", _("Add to a list")
        UNLIST = "unlist", _("Remove from a list")
        UNSUBSCRIBE = "unsubscribe", _("Unsubscribe from e-mail")
        MARK_ACTIVE = "mark_active", _("Mark as active")
        DELETE = "delete", _("Delete")
        MERGE_TAG = "merge_tag", _("Merge a tag into another")

    verb = models.CharField(_("action"), max_length=12, choices=Verb)
    # The contacts: {"ids": [..]} or {"filter": `contacts.people.filtering.ContactFilter.data()`}, with the "name" of
    # the tag or list; for MERGE_TAG {"tag": id, "name": its name}.
    scope = models.JSONField(default=dict)
    target_id = models.BigIntegerField(null=True)
    cursor = models.BigIntegerField(default=0)
    # The highest contact id when the action was requested; contacts added later are not included.
    upto = models.BigIntegerField(default=0)
    seen = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    job = models.ForeignKey("accounts.Job", on_delete=models.SET_NULL, null=True, db_constraint=False)
    asked_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    address = models.GenericIPAddressField(null=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        verbose_name = _("bulk action")
        verbose_name_plural = _("bulk actions")
        ordering = ["-id"]
        constraints = [SameWorkspace("job")]
        indexes = [models.Index(fields=["workspace", "id"], name="bulk_action_ws")]

    def __str__(self):
        return f"{self.verb} {self.pk}"
