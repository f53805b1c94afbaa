from functools import cache

from django.apps import apps
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.actors import Kind
from accounts.audit_words import DEEDS
from kernel.tenancy import WorkspaceModel


@cache
def model_of(kind: str) -> type[models.Model] | None:
    """The model of the records of a kind; None for a kind that is gone."""
    return next((model for model in apps.get_models() if model._meta.model_name == kind), None)


class AuditEntry(WorkspaceModel):
    """Who did what to which record, when, from where. It holds metadata only: no e-mail addresses, no content.

    Append-only: a trigger refuses UPDATE and DELETE.
    """

    kind = models.CharField(max_length=6, choices=Kind, default=Kind.MEMBER)
    # The member, or the maker of the API key; empty where Fanfare acted by itself.
    actor = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="+", db_constraint=False
    )
    verb = models.CharField(_("action"), max_length=60)
    record = models.CharField(_("record"), max_length=40, blank=True)
    record_id = models.BigIntegerField(null=True)
    detail = models.JSONField(default=dict)
    address = models.GenericIPAddressField(_("IP address"), null=True)
    at = models.DateTimeField(auto_now_add=True)
    #: What the record is called now, where `accounts.audit_names` has looked it up.
    name = ""

    class Meta(WorkspaceModel.Meta):
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["workspace", "id"], name="audit_ws_id"),
            models.Index(fields=["workspace", "verb", "id"], name="audit_ws_verb"),
            models.Index(fields=["workspace", "record", "record_id", "id"], name="audit_of_record"),
        ]

    @property
    def deed(self) -> str:
        """What was done, in the reader's language; the verb itself for one that no version knows any more."""
        return str(DEEDS.get(self.verb) or self.verb)

    @property
    def what(self) -> str:
        """The record's kind, in the reader's language, and its name if that is known, else its number; the stored name
        of a kind that is gone."""
        model = model_of(self.record)
        kind = str(model._meta.verbose_name) if model else self.record
        if self.name:
            return gettext("%(kind)s “%(name)s”") % {"kind": capfirst(kind), "name": self.name}
        return f"{capfirst(kind)} {self.record_id or ''}".strip()

    @property
    def who(self) -> str:
        """The member; the key and whose it is; or Fanfare."""
        if self.kind == Kind.MEMBER:
            return str(self.actor or "–")
        return " · ".join(str(part) for part in (self.get_kind_display(), self.actor) if part)

    def __str__(self):
        return f"{self.verb} {self.record} {self.record_id or ''}".strip()
