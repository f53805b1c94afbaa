from __future__ import annotations

import json
from collections.abc import Iterable
from typing import ClassVar

from django.db import connection, models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.identity import merge_values
from contacts.identity.address_kinds import address_kind
from kernel.tenancy import ScopedManager, require_workspace_id
from kernel.trash import Trashable, TrashableQuerySet

# One look-up in the index of phone numbers for each number, however many have it.
_FIRST_WITH = """
SELECT n.phone, p.id FROM unnest(%(phones)s::text[]) AS n(phone) CROSS JOIN LATERAL (
    SELECT c.id FROM contacts_contact c
    WHERE c.workspace_id = (SELECT %(ws)s) AND c.phone = n.phone AND c.deleted_at IS NULL
    ORDER BY c.deleted_at, c.id LIMIT %(most)s) p
ORDER BY p.id
"""


class ContactQuerySet(TrashableQuerySet):
    def deleted(self) -> ContactQuerySet:
        """In the trash, without contacts that are merged into another one or erased."""
        return super().deleted().filter(merged_into_id=None, erased_at=None)

    def listed(self, list_id: int) -> ContactQuerySet:
        """Members of the list."""
        return self.filter(listmember__contact_list_id=list_id)

    def first_with(self, phones: Iterable[str], *, most: int) -> dict[str, list[Contact]]:
        """By number, the first contacts with it that are not deleted, at most `most`; without their own
        fields."""
        found: dict[str, list[Contact]] = {phone: [] for phone in phones}
        with connection.cursor() as cursor:
            cursor.execute(_FIRST_WITH, {"phones": list(found), "ws": require_workspace_id(), "most": most})
            pairs = cursor.fetchall()
        contacts = Contact.objects.defer("attributes").in_bulk([pk for _phone, pk in pairs])
        for phone, pk in pairs:
            if pk in contacts:
                found[phone].append(contacts[pk])
        return found


ContactManager = ScopedManager.from_queryset(ContactQuerySet)


class Contact(Trashable):
    """A person of a workspace, identified by e-mail address or the merchant's own id, or by a phone number that no
    other contact has. One of the three is enough. Colleagues and families may share a number.

    `status`, `sms_status`, `whatsapp_status` and `tracking_status` sum up, per channel, the consent rows and what
    providers reported. They are changed together with the ledger, by `contacts.consent.ledger` and bulk statements.
    """

    class Status(models.TextChoices):
        SUBSCRIBED = "subscribed", _("Subscribed")
        PENDING = "pending", _("No consent yet")
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
        BOUNCED = "bounced", _("Bounced")
        COMPLAINED = "complained", _("Complained")

    class AddressKind(models.TextChoices):
        PERSON = "", _("Personal")
        ROLE = "role", _("Shared address (info@)")
        DISPOSABLE = "disposable", _("Disposable")

    class Frequency(models.TextChoices):
        ANY = "", _("Every message")
        WEEKLY = "weekly", _("Up to one a week")
        MONTHLY = "monthly", _("Up to one a month")

    # No constraint: rows are written in sets of thousands, each from one workspace, and its check would cost a third of
    # an import's time.
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    # NULL where the person has none, so that the unique constraints ignore it. Collation "C" compares bytes: prefix
    # searches can use the index in every locale of the database.
    email = models.EmailField(_("e-mail"), null=True, blank=True, db_collation="C")
    phone = models.CharField(_("phone"), max_length=16, null=True, blank=True, db_collation="C")
    external_id = models.CharField(_("customer number"), max_length=120, null=True, blank=True, db_collation="C")
    first_name = models.CharField(_("first name"), max_length=120, blank=True)
    last_name = models.CharField(_("last name"), max_length=120, blank=True)
    first_key = models.GeneratedField(
        expression=Lower("first_name"), output_field=models.CharField(max_length=120, db_collation="C"), db_persist=True
    )
    last_key = models.GeneratedField(
        expression=Lower("last_name"), output_field=models.CharField(max_length=120, db_collation="C"), db_persist=True
    )
    language = models.CharField(_("language"), max_length=8, blank=True, db_default="", default="")
    attributes = models.JSONField(default=dict, blank=True)
    address_kind = models.CharField(
        _("type of address"), max_length=10, choices=AddressKind, blank=True, db_default="", default=""
    )

    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.PENDING)
    sms_status = models.CharField(
        _("SMS"), max_length=12, choices=Status, db_default=Status.PENDING, default=Status.PENDING
    )
    whatsapp_status = models.CharField(
        _("WhatsApp"), max_length=12, choices=Status, db_default=Status.PENDING, default=Status.PENDING
    )
    tracking_status = models.CharField(
        _("individual open tracking"), max_length=12, choices=Status, db_default=Status.PENDING, default=Status.PENDING
    )
    frequency = models.CharField(_("how often"), max_length=8, choices=Frequency, blank=True, db_default="", default="")
    paused_until = models.DateField(_("pause until"), null=True, blank=True)
    engaged_at = models.DateTimeField(_("last engaged"), null=True, editable=False)
    inactive_at = models.DateTimeField(_("inactive since"), null=True, editable=False)

    source = models.CharField(_("source"), max_length=12, default="form", editable=False)
    import_id = models.BigIntegerField(null=True, editable=False)
    import_effect = models.CharField(max_length=10, db_default="", default="", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    merged_into_id = models.BigIntegerField(null=True, editable=False)
    erased_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[ContactManager] = ContactManager()  # type: ignore[assignment]  # has more methods than the base's

    class Meta(Trashable.Meta):
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "email"], name="one_contact_an_address"),
            models.UniqueConstraint(
                fields=["workspace", "external_id"],
                condition=models.Q(external_id__isnull=False),
                name="one_contact_an_external_id",
            ),
            models.CheckConstraint(
                condition=models.Q(email__isnull=False)
                | models.Q(phone__isnull=False)
                | models.Q(external_id__isnull=False)
                | models.Q(erased_at__isnull=False)
                | models.Q(merged_into_id__isnull=False),
                name="known_by_something",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "status", "id"], name="contact_by_status"),
            # With deleted_at: those of a shared number who are not deleted are found without reading the others.
            models.Index(
                fields=["workspace", "phone", "deleted_at"],
                condition=models.Q(phone__isnull=False),
                name="contact_by_phone",
            ),
            models.Index(
                fields=["workspace", "phone"],
                condition=models.Q(phone__isnull=False, merged_into_id__isnull=False),
                name="contact_merged_by_phone",
            ),
            models.Index(fields=["workspace", "first_key", "id"], name="contact_by_first_name"),
            models.Index(fields=["workspace", "last_key", "id"], name="contact_by_last_name"),
            models.Index(
                fields=["workspace", "deleted_at", "id"],
                condition=models.Q(deleted_at__isnull=False),
                name="contact_in_trash",
            ),
            models.Index(
                fields=["workspace", "address_kind", "id"],
                condition=~models.Q(address_kind=""),
                name="contact_by_address_kind",
            ),
            models.Index(
                fields=["workspace", "id"],
                condition=models.Q(inactive_at__isnull=False),
                name="contact_inactive",
            ),
            models.Index(
                fields=["workspace", "merged_into_id"],
                condition=models.Q(merged_into_id__isnull=False),
                name="contact_merged_into",
            ),
        ]

    def __str__(self):
        return self.name or self.handle or str(_("Erased contact"))

    def save(self, *args, **kwargs) -> None:
        if kwargs.get("update_fields") is None:
            self.address_kind = address_kind(self.email or "")
        super().save(*args, **kwargs)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def handle(self) -> str:
        """The identifier that is shown: e-mail address, phone number or external id."""
        return self.email or self.phone or self.external_id or ""

    @property
    def is_reachable(self) -> bool:
        return self.status == self.Status.SUBSCRIBED and self.deleted_at is None

    @property
    def ids_of_person(self) -> list[int]:
        """This contact's id and those of the contacts merged into it, which keep their own ledger rows and messages."""
        merged = Contact.objects.filter(merged_into_id=self.pk).order_by("pk").values_list("pk", flat=True)
        return [self.pk, *merged]

    def merge_values(self) -> dict:
        """The values of merge tags for this person."""
        return merge_values.of_person(
            self.email, self.phone, self.first_name, self.last_name, json.dumps(self.attributes), self.language
        )
