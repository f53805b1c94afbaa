from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.models.consent import Consent
from kernel.rls import SameWorkspace
from kernel.tenancy import WorkspaceModel


class ContactImport(WorkspaceModel):
    """One uploaded file and the result of its rows: rows = created + updated + skipped + merged + rejected."""

    class Target(models.TextChoices):
        CONTACTS = "contacts", _("Contacts")
        COMPANIES = "companies", _("Companies")
        SUPPRESSION = "suppress", _("Suppression list")
        EVENTS = "events", _("Events: orders, visits …")

    class Mode(models.TextChoices):
        BOTH = "both", _("Add new contacts and update existing ones")
        ADD = "add", _("Only add new contacts")
        UPDATE = "update", _("Only update existing contacts")

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel"
        XLS = "xls", "Excel 97-2003"
        ODS = "ods", "OpenDocument"
        VCARD = "vcf", "vCard"
        JSON = "json", "JSON"
        ADDRESSES = "list", _("List of addresses")

    WORKBOOKS = (Format.XLSX, Format.XLS, Format.ODS)

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Needs mapping")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    target = models.CharField(_("imported as"), max_length=10, choices=Target, default=Target.CONTACTS)
    mode = models.CharField(_("rows"), max_length=6, choices=Mode, default=Mode.BOTH)
    format = models.CharField(max_length=4, choices=Format, default=Format.CSV)
    sheet = models.CharField(_("sheet"), max_length=100, blank=True)
    name = models.CharField(_("file"), max_length=200)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    # The file's name among the kept files (kernel.files); empty if it is in parts, and when it was deleted.
    file = models.CharField(max_length=100, default="", db_default="", blank=True)
    encoding = models.CharField(_("encoding"), max_length=20)
    delimiter = models.CharField(_("delimiter"), max_length=1)
    has_header = models.BooleanField(_("first row contains the column names"), default=True)
    # Lines above the column names or the first row, such as a title: they are skipped.
    skip_lines = models.PositiveSmallIntegerField(_("lines to skip"), default=0, db_default=0)
    # Whether a quotation mark may enclose several lines; else it ends with its line.
    multiline_cells = models.BooleanField(_("quotation marks may span lines"), default=True, db_default=True)
    # Whether quotation marks within cells are written as \", as MySQL does.
    backslash_escapes = models.BooleanField(_("backslashes before quotation marks"), default=False, db_default=False)
    # How many lines (of a sheet: rows, also blank ones) the file has. Of a sheet, it is known when it was read.
    lines = models.BigIntegerField(default=0, db_default=0)
    # What could be lost between lines and people: contacts.imports.survey.Survey.
    survey = models.JSONField(default=dict, db_default={})
    mapping = models.JSONField(default=list)
    # Whether an empty cell empties the contact's own field, name or language; never an identity, consent or a tag.
    clear_empty = models.BooleanField(_("empty cells"), default=False, db_default=False)
    # What has to be created when the import starts (a forecast writes nothing): tags and lists for everyone in the file
    # by name, and fields for columns mapped to "new:city": {"tags": [..], "lists": [..],
    # "fields": {"city": {"label": "City", "kind": "text"}}}.
    to_make = models.JSONField(default=dict)
    # For each column how its dates and numbers are read: {"date": "day_first", "number": "comma"}
    # (contacts.imports.format_inference), and the country of its phone numbers, if it is not the workspace's:
    # {"country": "GB"}; "text_marks": true where an apostrophe marks numbers as text. If it says who agreed or refused,
    # also under "consent" what its values mean: {"oui": "granted", "non": "withdrawn"}
    # (contacts.imports.consent_values).
    reading = models.JSONField(default=list)
    # The column names as the file has them; empty for a file without them. They stay when the file is deleted.
    headings = models.JSONField(default=list, db_default=[])
    # A hash of the column names: the next file with the same columns starts with this mapping and reading.
    header_key = models.CharField(max_length=64, blank=True)
    # Of a file of events, for rows that have no name or currency of their own: {"name": "Order", "currency": "EUR"}.
    event = models.JSONField(default=dict, db_default={})
    # The channels that the consent proved by this file covers.
    channels = models.JSONField(default=list)
    basis = models.CharField(
        _("lawful basis"), max_length=12, choices=Consent.Basis, default=Consent.Basis.CONSENT, blank=True
    )
    consent_source = models.CharField(_("where consent came from"), max_length=300, blank=True)
    tags = models.ManyToManyField("contacts.Tag", through="contacts.ImportTag")
    lists = models.ManyToManyField("contacts.ContactList", through="contacts.ImportList")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.UPLOADED)
    problem = models.CharField(max_length=300, blank=True)
    cursor = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    created = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    skipped = models.BigIntegerField(default=0)
    merged = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    # How many of the rejected rows are kept (RejectedRow), and the bytes of their cells: contacts.imports.rejecting.
    rejected_kept = models.BigIntegerField(db_default=0, default=0)
    rejected_bytes = models.BigIntegerField(db_default=0, default=0)
    kept_out = models.BigIntegerField(default=0)
    # How many values of rows that came in are noted (ImportNote), and of which columns: {"<column from 0>": count}.
    noted = models.BigIntegerField(default=0, db_default=0)
    noted_columns = models.JSONField(default=dict, db_default={})
    # How many rows say no, by channel: {"email": 12} (contacts.imports.consent_rows).
    refused = models.JSONField(default=dict, db_default={})
    # The import whose rejected rows this file holds, mended.
    retry_of_id = models.BigIntegerField(null=True)
    job = models.ForeignKey("accounts.Job", on_delete=models.SET_NULL, null=True, db_constraint=False)
    uploaded_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    # What its pages show: for a workbook {"sheets": {name: first rows}, "lines": {name: their numbers}, "signs": {name:
    # as of contacts.imports.format_inference}}; for text "undecoded", examples as of contacts.imports.survey;
    # "forecast": {"token", "done", "counts", "reasons", "first", "noted", "notes"} (contacts.imports.forecasting);
    # "undone": counts. Rows of the file that are shown here are deleted with the file.
    preview = models.JSONField(null=True)

    class Meta(WorkspaceModel.Meta):
        verbose_name = _("contact import")
        verbose_name_plural = _("contact imports")
        ordering = ["-id"]
        constraints = [SameWorkspace("job")]
        indexes = [
            models.Index(fields=["workspace", "header_key", "id"], name="import_by_header"),
            models.Index(fields=["workspace", "sha256"], name="import_by_file"),
        ]

    def __str__(self):
        return self.name


class ImportedContacts(WorkspaceModel):
    """Contacts on which an import had the same effect: what it did to whom. A contact may have two effects: created or
    updated, and kept out.

    Up to 1,000 ids share a row, because a row for each would cost an import a third of its time
    (docs/decisions/0020-an-imports-contacts-are-arrays.md). Ids of people who were purged since may remain.
    """

    class Effect(models.TextChoices):
        CREATED = "created", pgettext_lazy("contacts", "Added")
        UPDATED = "updated", pgettext_lazy("contacts", "Updated")
        # They had never answered: the file's consent subscribed them.
        SUBSCRIBED = "subscribed", pgettext_lazy("contacts", "Updated and subscribed")
        UNSUBSCRIBED = "unsubscribed", pgettext_lazy("contacts", "Unsubscribed")
        # They can't be written to on a channel that the file claims consent for.
        KEPT_OUT = "kept_out", pgettext_lazy("contacts", "Not subscribed")

    contact_import = models.ForeignKey(
        ContactImport, on_delete=models.CASCADE, related_name="imported", db_constraint=False, db_index=False
    )
    effect = models.CharField(max_length=12, choices=Effect)
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    contact_ids = ArrayField(models.BigIntegerField())

    class Meta(WorkspaceModel.Meta):
        ordering = ["first_id"]
        constraints = [SameWorkspace("contact_import")]
        indexes = [
            models.Index(fields=["workspace", "contact_import", "effect", "first_id", "last_id"], name="imported_by_id")
        ]

    def __str__(self):
        return f"{self.contact_import_id} {self.effect} {self.first_id}"


class ImportTag(WorkspaceModel):
    """A tag that everyone in the file gets."""

    contact_import = models.ForeignKey(ContactImport, on_delete=models.CASCADE, db_constraint=False)
    tag = models.ForeignKey("contacts.Tag", on_delete=models.CASCADE, db_constraint=False)

    class Meta(WorkspaceModel.Meta):
        constraints = [SameWorkspace("contact_import"), SameWorkspace("tag")]

    def __str__(self):
        return f"{self.contact_import_id} {self.tag_id}"


class ImportList(WorkspaceModel):
    """A list that everyone in the file is put on."""

    contact_import = models.ForeignKey(ContactImport, on_delete=models.CASCADE, db_constraint=False)
    contact_list = models.ForeignKey("contacts.ContactList", on_delete=models.CASCADE, db_constraint=False)

    class Meta(WorkspaceModel.Meta):
        constraints = [SameWorkspace("contact_import"), SameWorkspace("contact_list")]

    def __str__(self):
        return f"{self.contact_import_id} {self.contact_list_id}"


class ImportPart(WorkspaceModel):
    """A piece of a file that is in the database. Of a file that is kept elsewhere, its beginning and samples of the
    rest (`contacts.imports.stored_file`)."""

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
    """A row that could not be imported, with the reason and its cells."""

    contact_import = models.ForeignKey(
        ContactImport, on_delete=models.CASCADE, related_name="rejected_rows", db_constraint=False
    )
    line = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    cells = models.JSONField(default=list)
    # The import that took this row once it was mended.
    imported_by_id = models.BigIntegerField(null=True)

    class Meta(WorkspaceModel.Meta):
        ordering = ["id"]
        constraints = [SameWorkspace("contact_import")]

    def __str__(self):
        return f"{self.contact_import_id}:{self.line}"


class ImportNote(WorkspaceModel):
    """A value that was left out, wholly or in part, of a row that came in."""

    contact_import = models.ForeignKey(
        ContactImport, on_delete=models.CASCADE, related_name="notes", db_constraint=False
    )
    line = models.BigIntegerField()
    column = models.CharField(max_length=200)  # its name in the file, or its number from 1
    reason = models.CharField(max_length=200)
    cell = models.CharField(max_length=500)
    cells = models.JSONField(default=list)  # the whole row

    class Meta(WorkspaceModel.Meta):
        ordering = ["id"]
        constraints = [SameWorkspace("contact_import")]

    def __str__(self):
        return f"{self.contact_import_id}:{self.line} {self.column}"
