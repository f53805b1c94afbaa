from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.rls import SameWorkspace
from kernel.tenancy import ScopedManager, WorkspaceModel
from kernel.trash import Trashable, TrashableQuerySet


class CompanyQuerySet(TrashableQuerySet):
    def starting_with(self, prefix: str) -> CompanyQuerySet:
        """Companies whose name begins with the prefix, in any case. A range, which can use the index under row-level
        security."""
        key = prefix.lower()
        return self.filter(name_key__gte=key, name_key__lt=key + "\U0010ffff").order_by("name_key")


CompanyManager = ScopedManager.from_queryset(CompanyQuerySet)


class Company(Trashable):
    """A client or prospect of the merchant, with the contacts who act for it."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        INACTIVE = "inactive", _("Inactive")
        ABANDONED = "abandoned", _("Abandoned")

    class Kind(models.TextChoices):
        PROSPECT = "prospect", _("Prospect")
        CLIENT = "client", _("Client")
        LOYAL = "loyal", _("Loyal client")

    name = models.CharField(_("name"), max_length=200)
    name_key = models.GeneratedField(
        expression=Lower("name"), output_field=models.CharField(max_length=200, db_collation="C"), db_persist=True
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.PROSPECT)
    industry = models.CharField(_("industry"), max_length=120, blank=True)
    size = models.CharField(_("size"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=16, blank=True)
    website = models.URLField(_("website"), blank=True)
    # The last import with this company, and its effect: another row of that import about it is a repetition.
    import_id = models.BigIntegerField(null=True, editable=False)
    import_effect = models.CharField(max_length=10, db_default="", default="", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[CompanyManager] = CompanyManager()  # type: ignore[assignment]  # has more methods than the base's

    class Meta(Trashable.Meta):
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        # An import identifies a company by its name alone.
        constraints = [models.UniqueConstraint(fields=["workspace", "name_key"], name="one_company_a_name")]
        indexes = [models.Index(fields=["workspace", "id"], name="company_ws")]

    def __str__(self):
        return self.name


class CompanyContact(WorkspaceModel):
    """A contact who acts for a company."""

    class Role(models.TextChoices):
        ADMINISTRATOR = "administrator", _("Administrator")
        INTERNAL = "internal", _("Internal contact")

    company = models.ForeignKey(
        Company, on_delete=models.CASCADE, related_name="people", db_constraint=False, db_index=False
    )
    contact = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, db_constraint=False, db_index=False)
    role = models.CharField(_("role"), max_length=16, choices=Role, default=Role.INTERNAL)
    import_id = models.BigIntegerField(null=True, editable=False)

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "company", "contact"], name="company_contact_once"),
            SameWorkspace("company"),
            SameWorkspace("contact"),
        ]
        indexes = [models.Index(fields=["workspace", "contact"], name="companies_of_contact")]

    def __str__(self):
        return f"{self.company_id} {self.contact_id}"
