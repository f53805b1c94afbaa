"""The filter of the contact list as data: the page, a bulk action and its job match the same people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from django.db.models import F, QuerySet

from contacts.imports import effects
from contacts.models import Company, Contact, ContactList, Tag
from contacts.models.contact import ContactQuerySet
from contacts.models.name_key import key_of
from contacts.people import searching
from kernel import parameters

DELETED = "deleted"
#: Filters that read another table's index, which is in the order of contact ids.
RELATIONS = {
    "tag": "contacttag__tag_id",
    "list": "listmember__contact_list_id",
    "company": "companycontact__company_id",
}
NOBODY = -1  # the id of a tag, list or company that does not exist: the filter then matches nobody


@dataclass(frozen=True)
class ContactFilter:
    """The values of the filter's fields. Tags, lists and companies are ids, or NOBODY where the name was not found."""

    q: str = ""
    country: str = ""
    status: str = ""
    tag: int | None = None
    list: int | None = None
    company: int | None = None
    import_id: int | None = None
    kind: str = ""
    no_email: bool = False
    inactive: bool = False

    @classmethod
    def read(cls, query: Mapping[str, str], *, country: str = "") -> ContactFilter:
        """From a query string, in which tags, lists and companies are given by name. Invalid values are ignored."""
        return cls(
            q=_text(query, "q")[:200],
            country=country,
            status=_one_of(_text(query, "status"), [*Contact.Status.values, DELETED]),
            tag=_id_of(Tag.objects.present(), name_key=key_of(text) if (text := _text(query, "tag")) else ""),
            list=_id_of(ContactList.objects.present(), name_key=key_of(text) if (text := _text(query, "list")) else ""),
            company=_id_of(Company.objects.present(), name_key=_text(query, "company").lower()),
            import_id=parameters.as_number(_text(query, "import")),
            kind=_one_of(_text(query, "kind"), Contact.AddressKind.values),
            no_email=_text(query, "no_email") == "1",
            inactive=_text(query, "inactive") == "1",
        )

    @classmethod
    def of(cls, data: dict) -> ContactFilter:
        """From what `data` returned; unknown keys are ignored."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in data.items() if name in known})

    def data(self) -> dict:
        """The fields that are set, for JSON."""
        return {name: value for name, value in asdict(self).items() if value not in ("", None, False)}

    @property
    def is_empty(self) -> bool:
        return not set(self.data()) - {"country"}

    @property
    def keeps_id_order(self) -> bool:
        """Whether the order of ids is the only one that needs no sort of everyone who matches."""
        return (
            any(getattr(self, name) is not None for name in RELATIONS)
            or self.import_id is not None
            or self.no_email
            or self.inactive
            or bool(self.kind)
        )

    def apply(self, contacts: ContactQuerySet, *, workspace_id: int | None = None) -> ContactQuerySet:
        """The contacts that match, by conditions and search text: for a job, a count or a selection. `workspace_id`
        where no workspace is active."""
        contacts = self.conditions(contacts)
        if not self.q:
            return contacts
        return contacts.filter(searching.condition(self.q, self.country, workspace_id=workspace_id))

    def conditions(self, contacts: ContactQuerySet) -> ContactQuerySet:
        """Everything but the search text, which a page looks up with `searching.search`."""
        contacts = contacts.deleted() if self.status == DELETED else contacts.present()
        if self.status and self.status != DELETED:
            contacts = contacts.filter(status=self.status)
        if self.kind:
            contacts = contacts.filter(address_kind=self.kind)
        if self.no_email:
            contacts = contacts.filter(email=None)
        if self.inactive:
            contacts = contacts.filter(inactive_at__isnull=False)
        if self.import_id is not None:
            contacts = effects.written_by(contacts, self.import_id)
        for name, column in RELATIONS.items():
            if (row_id := getattr(self, name)) is not None:
                # Name the workspace: on the engine connection row-level security adds no condition, and without one
                # PostgreSQL finds no index.
                workspace = column.partition("__")[0] + "__workspace_id"
                contacts = contacts.filter(**{column: row_id, workspace: F("workspace_id")})
        return contacts


def _text(query: Mapping[str, str], name: str) -> str:
    return " ".join(query.get(name, "").replace("\0", "").split())


def _one_of(value: str, allowed: list[str]) -> str:
    return value if value in allowed else ""


def _id_of(rows: QuerySet, **name) -> int | None:
    """The id of the row with this name; None for an empty name, NOBODY where no row has it."""
    ((_field, text),) = name.items()
    if not text:
        return None
    found = rows.filter(**name).values_list("pk", flat=True).first()
    return NOBODY if found is None else found
