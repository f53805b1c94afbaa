from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.rls import SameWorkspace
from kernel.tenancy import WorkspaceModel


class Export(WorkspaceModel):
    """A file created in the background. `contacts.exports.kinds` says which kinds there are and what `scope` means to
    each."""

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel"
        JSON = "json", "JSON"
        ZIP = "zip", "ZIP"

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        EXPIRED = "expired", _("Expired")

    kind = models.CharField(_("kind"), max_length=10)
    format = models.CharField(_("format"), max_length=4, choices=Format)
    name = models.CharField(_("file"), max_length=200)
    scope = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.RUNNING)
    rows = models.BigIntegerField(default=0)
    # The file's name among the kept files (kernel.files); empty while there is none, and if it is in parts.
    file = models.CharField(max_length=100, default="", db_default="", blank=True)
    sha256 = models.CharField(max_length=64, default="", db_default="", blank=True)
    size = models.BigIntegerField(default=0)
    job = models.ForeignKey("accounts.Job", on_delete=models.SET_NULL, null=True, db_constraint=False)
    asked_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        verbose_name = _("export")
        ordering = ["-id"]
        constraints = [SameWorkspace("job")]
        indexes = [models.Index(fields=["workspace", "id"], name="export_ws")]

    def __str__(self):
        return self.name


class ExportPart(WorkspaceModel):
    """A piece of a file that is in the database: where no other place is configured, or was when it was made."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="parts", db_constraint=False)
    n = models.IntegerField()
    data = models.BinaryField()

    class Meta(WorkspaceModel.Meta):
        ordering = ["n"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "export", "n"], name="one_export_part_a_number"),
            SameWorkspace("export"),
        ]

    def __str__(self):
        return f"{self.export_id} {self.n}"
