from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.rls import SameWorkspace
from kernel.tenancy import WorkspaceModel


class BulkAction(WorkspaceModel):
    """One thing done to many, in the background: `cursor` is the last contact it was done to, so that it goes on there
    after a crash."""

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
    # Whom it is done to: `contacts.people.filtering.ContactFilter.data()`; of housekeeping, what it is about.
    scope = models.JSONField(default=dict)
    target_id = models.BigIntegerField(null=True)
    cursor = models.BigIntegerField(default=0)
    # The newest contact when it was asked for: whoever comes later is not meant.
    upto = models.BigIntegerField(default=0)
    seen = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    job = models.ForeignKey("accounts.Job", on_delete=models.SET_NULL, null=True, db_constraint=False)
    asked_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    address = models.GenericIPAddressField(null=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        ordering = ["-id"]
        constraints = [SameWorkspace("job")]
        indexes = [models.Index(fields=["workspace", "id"], name="bulk_action_ws")]

    def __str__(self):
        return f"{self.verb} {self.pk}"
