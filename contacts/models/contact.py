from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.tenancy import ScopedManager, ScopedQuerySet, WorkspaceModel


class ContactQuerySet(ScopedQuerySet):
    def present(self):
        """Without the deleted, who can be restored."""
        return self.filter(deleted_at=None)

    def deleted(self):
        return self.filter(deleted_at__isnull=False)

    def tagged(self, tag_id: int):
        return self.filter(contacttag__tag_id=tag_id)

    def starting_with(self, field: str, prefix: str):
        """A range, not LIKE: under row-level security only comparisons may use the index."""
        return self.filter(**{f"{field}__gte": prefix, f"{field}__lt": prefix + "\U0010ffff"})


class Contact(WorkspaceModel):
    """A person of a workspace, known by e-mail address. `status` sums up the consent rows and what providers said."""

    class Status(models.TextChoices):
        SUBSCRIBED = "subscribed", _("Subscribed")
        PENDING = "pending", _("No consent yet")
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
        BOUNCED = "bounced", _("Bounced")
        COMPLAINED = "complained", _("Complained")

    # Written in sets of thousands, each from one workspace: the key's check would cost a third of an import.
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    # Collation "C" compares bytes: prefix searches use the index whatever the database's locale.
    email = models.EmailField(_("e-mail"), db_collation="C")
    first_name = models.CharField(_("first name"), max_length=120, blank=True)
    last_name = models.CharField(_("last name"), max_length=120, blank=True)
    first_key = models.GeneratedField(
        expression=Lower("first_name"), output_field=models.CharField(max_length=120, db_collation="C"), db_persist=True
    )
    last_key = models.GeneratedField(
        expression=Lower("last_name"), output_field=models.CharField(max_length=120, db_collation="C"), db_persist=True
    )
    attributes = models.JSONField(default=dict, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.PENDING)
    source = models.CharField(_("source"), max_length=12, default="form", editable=False)
    import_id = models.BigIntegerField(null=True, editable=False)
    import_effect = models.CharField(max_length=10, db_default="", default="", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, editable=False)

    objects = ScopedManager.from_queryset(ContactQuerySet)()

    class Meta(WorkspaceModel.Meta):
        verbose_name = _("contact")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "email"], name="one_contact_an_address"),
        ]
        indexes = [
            models.Index(fields=["workspace", "status", "id"], name="contact_by_status"),
            models.Index(fields=["workspace", "first_key", "id"], name="contact_by_first_name"),
            models.Index(fields=["workspace", "last_key", "id"], name="contact_by_last_name"),
        ]

    def __str__(self):
        return self.name or self.email

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_reachable(self) -> bool:
        return self.status == self.Status.SUBSCRIBED and self.deleted_at is None

    def merge_values(self) -> dict:
        """What merge tags may say about this person."""
        return {
            **self.attributes,
            "email": self.email,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "full_name": self.name,
        }
