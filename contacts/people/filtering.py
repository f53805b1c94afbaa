"""Which contacts a list shows, as data: the page, the bulk action and its background job ask the same question."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

from django.db.models import F

from contacts.models import Company, Contact, ContactList, Tag
from contacts.people import searching

DELETED = "deleted"
#: Filters that walk another table's index, which is in the order of ids.
RELATIONS = {
    "tag": "contacttag__tag_id",
    "list": "listmember__contact_list_id",
    "company": "companycontact__company_id",
}
NOBODY = -1


@dataclass(frozen=True)
class ContactFilter:
    """Ids and words. NOBODY stands for a name that nothing bears."""

    q: str = ""
    country: str = ""
    status: str = ""
    tag: int | None = None
    list: int | None = None
    company: int | None = None
    kind: str = ""
    no_email: bool = False
    inactive: bool = False

    @classmethod
    def read(cls, query, *, country: str = "") -> ContactFilter:
        """From a query string, in which tags, lists and companies go by name. What can't be read is left out."""
        return cls(
            q=_text(query, "q")[:120],
            country=country,
            status=_one_of(_text(query, "status"), [*Contact.Status.values, DELETED]),
            tag=_named(Tag.objects.present(), name=_text(query, "tag")),
            list=_named(ContactList.objects.present(), name=_text(query, "list")),
            company=_named(Company.objects.present(), name_key=_text(query, "company").lower()),
            kind=_one_of(_text(query, "kind"), Contact.AddressKind.values),
            no_email=_text(query, "no_email") == "1",
            inactive=_text(query, "inactive") == "1",
        )

    @classmethod
    def of(cls, data: dict) -> ContactFilter:
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in data.items() if name in known})

    def data(self) -> dict:
        return {name: value for name, value in asdict(self).items() if value not in ("", None, False)}

    @property
    def is_empty(self) -> bool:
        return not set(self.data()) - {"country"}

    @property
    def keeps_id_order(self) -> bool:
        """Whether only the order of ids comes without sorting everyone who matches."""
        return (
            any(getattr(self, name) is not None for name in RELATIONS)
            or self.no_email
            or self.inactive
            or bool(self.kind)
        )

    def apply(self, contacts):
        """The matching among `contacts`, words included: for a job, a count or a selection."""
        return self.words(self.conditions(contacts))

    def words(self, contacts):
        return contacts.filter(searching.condition(self.q, self.country)) if self.q else contacts

    def conditions(self, contacts):
        """Everything but the words, which a page looks up with `searching.search`."""
        contacts = contacts.deleted() if self.status == DELETED else contacts.present()
        if self.status and self.status != DELETED:
            contacts = contacts.filter(status=self.status)
        if self.kind:
            contacts = contacts.filter(address_kind=self.kind)
        if self.no_email:
            contacts = contacts.filter(email=None)
        if self.inactive:
            contacts = contacts.filter(inactive_at__isnull=False)
        for name, column in RELATIONS.items():
            if (row_id := getattr(self, name)) is not None:
                # The workspace by name: without it the engine, which row-level security does not help, finds no index.
                workspace = column.partition("__")[0] + "__workspace_id"
                contacts = contacts.filter(**{column: row_id, workspace: F("workspace_id")})
        return contacts


def _text(query, name: str) -> str:
    return " ".join(query.get(name, "").replace("\0", "").split())


def _one_of(value: str, allowed: list[str]) -> str:
    return value if value in allowed else ""


def _named(rows, **name) -> int | None:
    """The id of the row with this name; None where none is asked for, NOBODY where there is none."""
    ((_field, text),) = name.items()
    if not text:
        return None
    found = rows.filter(**name).values_list("pk", flat=True).first()
    return NOBODY if found is None else found
