from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from contacts.models.name_key import NameKeyField
from kernel.tenancy import WorkspaceModel

SIGNED_UP, PREFERENCES_SAVED = "signed_up", "preferences_saved"
#: The events that Fanfare writes itself. Opens and clicks are none of them: they are hits of messages.
BUILT_IN = {
    SIGNED_UP: _("Signed up through a form"),
    PREFERENCES_SAVED: _("Saved their preferences"),
}


class EventName(WorkspaceModel):
    """What an event is called: a merchant's own word, or the code of one that Fanfare writes (BUILT_IN).

    Remembers what its events had so far, for the form of a segment: `currencies` (ISO 4217) and `properties` (names).
    """

    name = models.CharField(_("event"), max_length=60)
    name_key = NameKeyField()
    currencies = models.JSONField(default=list, db_default=[])
    properties = models.JSONField(default=list, db_default=[])

    class Meta(WorkspaceModel.Meta):
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["workspace", "name_key"], name="one_event_a_key")]

    def __str__(self):
        return self.label

    @property
    def label(self) -> str:
        """The name as people read it."""
        return str(BUILT_IN.get(self.name, self.name))


class ContactEvent(WorkspaceModel):
    """Something that a person did, at a time: an order, a visit, a sign-up. Partitioned by months of `at`, and kept for
    EVENT_DAYS. Written by `contact_events.writing` only.

    Without foreign keys: rows come in sets of thousands, each from one workspace. A merge moves them to the survivor.
    """

    class Source(models.TextChoices):
        PRODUCT = "product", _("Fanfare")
        IMPORT = "import", _("Import")

    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    contact_id = models.BigIntegerField()
    name = models.ForeignKey(EventName, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    at = models.DateTimeField()
    value = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    currency = models.CharField(max_length=3, blank=True, default="", db_default="")  # ISO 4217; with a value only
    properties = models.JSONField(default=dict, db_default={})
    source = models.CharField(max_length=10, choices=Source)
    # What the source calls the event, hashed: the same one comes in once (`contact_events.writing.key_of`).
    key = models.UUIDField()
    import_id = models.BigIntegerField(null=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "key", "at"], name="one_event_a_key_and_time")]
        indexes = [
            models.Index(fields=["workspace", "contact_id", "name", "at"], name="events_of_contact"),
            models.Index(fields=["workspace", "name", "at"], name="events_of_name"),
        ]

    def __str__(self):
        return f"{self.contact_id} {self.name_id} {self.at:%Y-%m-%d}"
