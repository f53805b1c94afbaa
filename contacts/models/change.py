from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from kernel.tenancy import WorkspaceModel


class CurrentTransaction(models.Func):
    """The number of the transaction that writes the row; subtransactions count as their transaction."""

    template = "pg_current_xact_id()::text::bigint"
    arity = 0
    output_field: Any = models.BigIntegerField()


class ContactChange(WorkspaceModel):
    """One change of one or many contacts: the outbox that automations, webhooks and connectors read by cursor.

    Triggers write it (migration 0013), whatever statement makes the change, and `contacts.changes.reading` reads it.
    Partitioned by months, and kept for CHANGE_DAYS. With the time, the id is the primary key.

    A statement that changes many contacts alike writes a row for each block of ids that they are in, so an import of a
    million adds some hundreds of rows. A contact's own rows are those with its `contact_id`, and those of its `block`
    that have it in `contact_ids`.
    """

    BLOCK_BITS = 14  # 16,384 ids

    class Kind(models.TextChoices):
        CREATED = "created", _("Added")
        FIELD = "field", _("Field changed")
        TAGGED = "tagged", _("Tag added")
        UNTAGGED = "untagged", _("Tag removed")
        LISTED = "listed", _("Added to a list")
        UNLISTED = "unlisted", _("Removed from a list")
        SUBSCRIBED = "subscribed", _("Subscribed")
        PENDING = "pending", _("No consent yet")
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
        BOUNCED = "bounced", _("Bounced")
        COMPLAINED = "complained", _("Complained")
        TOPIC_CHOSEN = "topic_chosen", _("Topic chosen")
        TOPIC_REFUSED = "topic_refused", _("Topic refused")
        EVENT = "event", _("Event")
        DELETED = "deleted", _("Moved to the trash")
        RESTORED = "restored", _("Restored")
        MERGED = "merged", _("Merged into another contact")
        ERASED = "erased", _("Erased")

    class Source(models.TextChoices):
        """What made the change. `source_id` says which import, form, segment or bulk action."""

        SYSTEM = "", "Fanfare"
        MEMBER = "member", _("Member")
        KEY = "key", _("API key")
        BULK = "bulk", _("Action on many contacts")
        IMPORT = "import", _("Import")
        UNDO = "undo", _("Import undone")
        FORM = "form", _("Sign-up form")
        PERSON = "person", _("The person")
        PROVIDER = "provider", _("Reported by the provider")
        SEGMENT = "segment", _("Segment kept as a list")
        MERGE = "merge", _("Merging contacts")

    # Like all tables that are written in sets, without a constraint.
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    #: The order of reading: (era, xact, id). Numbers of transactions begin anew in a new PostgreSQL, and with them an
    #: era (`contacts.changes.eras`).
    era = models.SmallIntegerField(db_default=1, editable=False)
    xact = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)
    at = models.DateTimeField(db_default=Now(), editable=False)
    kind = models.CharField(max_length=16, choices=Kind)
    channel = models.CharField(max_length=20, blank=True, default="", db_default="")
    # A tag, list or topic; for a merged contact the one that it was merged into.
    target_id = models.BigIntegerField(null=True)
    # A column of contacts, or "own:" and the name of one of the workspace's fields.
    field = models.CharField(max_length=60, blank=True, default="", db_default="")
    source = models.CharField(max_length=10, choices=Source, blank=True, default="", db_default="")
    source_id = models.BigIntegerField(null=True)
    actor_id = models.BigIntegerField(null=True)  # the user
    contact_ids = ArrayField(models.BigIntegerField())
    contact_id = models.BigIntegerField(null=True)  # where it is one
    block = models.BigIntegerField(null=True)  # where there are several: their ids without the last 14 bits

    class Meta(WorkspaceModel.Meta):
        indexes = [
            # For readers, who read all workspaces.
            models.Index(fields=["era", "xact", "id"], name="change_in_order"),
            models.Index(
                fields=["workspace", "contact_id", "id"],
                condition=models.Q(contact_id__isnull=False),
                name="change_of_contact",
            ),
            models.Index(
                fields=["workspace", "block", "id"], condition=models.Q(block__isnull=False), name="change_of_block"
            ),
        ]

    def __str__(self):
        return f"{self.pk} {self.kind}"


class ChangeReader(models.Model):
    """How far one reader of contacts' changes has read, in all workspaces."""

    name = models.CharField(max_length=60, primary_key=True)
    era = models.SmallIntegerField()
    xact = models.BigIntegerField()
    change_id = models.BigIntegerField()
    #: Everything that was written before has been read.
    upto = models.DateTimeField()

    def __str__(self):
        return self.name
