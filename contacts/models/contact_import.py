from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.rls import SameWorkspace
from kernel.tenancy import WorkspaceModel


class ContactImport(WorkspaceModel):
    """One uploaded file and what became of its rows: rows = created + updated + merged + rejected."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Waiting for its columns")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    name = models.CharField(_("file"), max_length=200)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    encoding = models.CharField(_("encoding"), max_length=20)
    delimiter = models.CharField(_("delimiter"), max_length=1)
    has_header = models.BooleanField(_("first row holds the column names"), default=True)
    mapping = models.JSONField(default=list)
    consent_source = models.CharField(_("where consent came from"), max_length=300, blank=True)
    tags = models.ManyToManyField("contacts.Tag", through="contacts.ImportTag")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.UPLOADED)
    problem = models.CharField(max_length=300, blank=True)
    cursor = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    created = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    merged = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    kept_out = models.BigIntegerField(default=0)
    job = models.ForeignKey("accounts.Job", on_delete=models.SET_NULL, null=True, db_constraint=False)
    uploaded_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        ordering = ["-id"]
        constraints = [SameWorkspace("job")]

    def __str__(self):
        return self.name


class ImportTag(WorkspaceModel):
    """A tag that everyone in the file gets."""

    contact_import = models.ForeignKey(ContactImport, on_delete=models.CASCADE, db_constraint=False)
    tag = models.ForeignKey("contacts.Tag", on_delete=models.CASCADE, db_constraint=False)

    class Meta(WorkspaceModel.Meta):
        constraints = [SameWorkspace("contact_import"), SameWorkspace("tag")]

    def __str__(self):
        return f"{self.contact_import_id} {self.tag_id}"


class ImportPart(WorkspaceModel):
    """A piece of the file. In the database, because the web and the worker may be different machines."""

    contact_import = models.ForeignKey(
        ContactImport, on_delete=models.CASCADE, related_name="parts", db_constraint=False
    )
    n = models.IntegerField()
    data = models.BinaryField()

    class Meta(WorkspaceModel.Meta):
        ordering = ["n"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "contact_import", "n"], name="one_part_a_number"),
            SameWorkspace("contact_import"),
        ]

    def __str__(self):
        return f"{self.contact_import_id} {self.n}"


class RejectedRow(WorkspaceModel):
    """A row that could not be taken in, with the reason and what stood there."""

    contact_import = models.ForeignKey(
        ContactImport, on_delete=models.CASCADE, related_name="rejected_rows", db_constraint=False
    )
    line = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    cells = models.JSONField(default=list)

    class Meta(WorkspaceModel.Meta):
        ordering = ["id"]
        constraints = [SameWorkspace("contact_import")]

    def __str__(self):
        return f"{self.contact_import_id}:{self.line}"
