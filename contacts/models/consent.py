from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.rls import SameWorkspace
from kernel.tenancy import WorkspaceModel


class Consent(WorkspaceModel):
    """One change of a person's consent, with its proof (GDPR art. 7.1: be able to demonstrate it). Append-only."""

    class State(models.TextChoices):
        GRANTED = "granted", _("Granted")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Source(models.TextChoices):
        IMPORT = "import", _("Import")
        MEMBER = "member", _("Entered by a member")
        ONE_CLICK = "one_click", _("One-click unsubscribe in the mail program")
        PAGE = "page", _("Unsubscribe page")
        PROVIDER = "provider", _("Reported by the provider")

    # Written in sets of thousands, each from one workspace: the key's check would cost a third of an import.
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    contact = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, db_constraint=False, db_index=False)
    channel = models.CharField(max_length=8, default="email")
    state = models.CharField(_("state"), max_length=10, choices=State)
    source = models.CharField(_("source"), max_length=10, choices=Source)
    wording = models.TextField(_("proof"), blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    import_id = models.BigIntegerField(null=True)
    actor = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="+", db_constraint=False
    )
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta(WorkspaceModel.Meta):
        ordering = ["-id"]
        constraints = [SameWorkspace("contact")]
        indexes = [models.Index(fields=["workspace", "contact", "id"], name="consent_of_contact")]

    def __str__(self):
        return f"{self.contact_id} {self.state}"
