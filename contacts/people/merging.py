"""Two contacts who are one person become one.

The survivor keeps its place and gets what the other one had; the other one is emptied but for the addresses that were
not taken, marked with `merged_into_id`, and leads there for ever. Consent is append-only: the other one's rows stay
with it and are shown with the survivor's, and a row of source MERGE says what the survivor took over. A no of either
stays a no.
"""

from __future__ import annotations

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.consent import consent_rules, ledger, suppression_list
from contacts.models import Channel, Consent, Contact, Note, Suppression

KNOWN_BY = ["email", "phone", "external_id"]
FIELDS = [*KNOWN_BY, "first_name", "last_name", "language"]
LABELS = {
    "email": _("E-mail"),
    "phone": _("Phone"),
    "external_id": _("Customer number"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "language": _("Language"),
}
Status = Contact.Status
NOES = (Status.COMPLAINED, Status.UNSUBSCRIBED)
#: The rarer messages, the stricter.
FREQUENCIES = [Contact.Frequency.ANY, Contact.Frequency.WEEKLY, Contact.Frequency.MONTHLY]

MOVES = {
    "contacts_contacttag": "tag_id",
    "contacts_listmember": "contact_list_id",
    "contacts_companycontact": "company_id, role",
}
TOPICS = """
INSERT INTO contacts_topicchoice AS w (workspace_id, topic_id, contact_id, channel, wanted, at)
SELECT workspace_id, topic_id, %(survivor)s, channel, wanted, at FROM contacts_topicchoice
WHERE workspace_id = %(ws)s AND contact_id = %(loser)s
ON CONFLICT (workspace_id, topic_id, channel, contact_id) DO UPDATE SET wanted = w.wanted AND excluded.wanted
"""


class CannotMerge(ValueError):
    """They can't become one; the message is for the person who asked."""


def locked(survivor_id: int, loser_id: int) -> tuple[Contact, Contact]:
    """Both, in the order of their ids so that two merges wait for each other. Raises CannotMerge."""
    rows = {
        contact.pk: contact
        for contact in Contact.objects.present()
        .filter(pk__in=[survivor_id, loser_id])
        .order_by("pk")
        .select_for_update()
    }
    if len(rows) != 2:
        raise CannotMerge(_("Choose two contacts that aren't deleted."))
    return rows[survivor_id], rows[loser_id]


def status_after(channel: str, survivor: Contact, loser: Contact, *, address_of: Contact) -> str:
    """A no or a complaint of either counts; what else is true of the address that is kept counts, too."""
    said = {ledger.status_of(survivor, channel), ledger.status_of(loser, channel)}
    for no in NOES:
        if no in said:
            return no
    return ledger.status_of(address_of, channel)


def owner_of(channel: str, survivor: Contact, loser: Contact, taken: set[str]) -> Contact:
    """Whose address on this channel is kept; open tracking follows the e-mail."""
    column = consent_rules.ADDRESS.get(channel, "email")
    return loser if column in taken else survivor


def merge(survivor: Contact, loser: Contact, taken: set[str], *, actor, address: str | None) -> None:
    """In the caller's transaction, with both locked. `taken`: the fields, or own fields' names behind "own:", in which
    the other one's value is kept; it is kept, too, where the survivor has none."""
    taken = taken | {name for name in FIELDS if not getattr(survivor, name)}
    before = {channel: ledger.status_of(survivor, channel) for channel in Channel.values}
    after = {
        channel: status_after(channel, survivor, loser, address_of=owner_of(channel, survivor, loser, taken))
        for channel in Channel.values
    }
    values = _values(survivor, loser, taken)
    _move(survivor, loser)
    _empty(survivor, loser, values)
    for name, value in values.items():
        setattr(survivor, name, value)
    for channel, status in after.items():
        setattr(survivor, ledger.STATUS[channel], status)
    survivor.save()
    for channel in Channel.values:
        if after[channel] != before[channel]:
            _prove(survivor, loser, channel, after[channel], actor=actor, address=address)
        _suppress(survivor, channel, after[channel])


def _values(survivor: Contact, loser: Contact, taken: set[str]) -> dict:
    """What the survivor is afterwards."""
    values = {name: getattr(loser if name in taken else survivor, name) for name in FIELDS}
    own = {
        name: value
        for name, value in loser.attributes.items()
        if f"own:{name}" in taken or name not in survivor.attributes
    }
    values["attributes"] = survivor.attributes | own
    values["frequency"] = max(survivor.frequency, loser.frequency, key=FREQUENCIES.index)
    values["paused_until"] = max(filter(None, (survivor.paused_until, loser.paused_until)), default=None)
    values["engaged_at"] = max(filter(None, (survivor.engaged_at, loser.engaged_at)), default=None)
    values["inactive_at"] = survivor.inactive_at if survivor.inactive_at and loser.inactive_at else None
    values["created_at"] = min(survivor.created_at, loser.created_at)
    return values


def _move(survivor: Contact, loser: Contact) -> None:
    ids = {"ws": survivor.workspace_id, "survivor": survivor.pk, "loser": loser.pk}
    with connection.cursor() as cursor:
        for table, columns in MOVES.items():
            cursor.execute(
                f"INSERT INTO {table} (workspace_id, contact_id, {columns}) "  # noqa: S608
                f"SELECT workspace_id, %(survivor)s, {columns} FROM {table} "
                "WHERE workspace_id = %(ws)s AND contact_id = %(loser)s ON CONFLICT DO NOTHING",
                ids,
            )
        cursor.execute(TOPICS, ids)
        for table in (*MOVES, "contacts_topicchoice"):
            cursor.execute(
                f"DELETE FROM {table} WHERE workspace_id = %(ws)s AND contact_id = %(loser)s",  # noqa: S608
                ids,
            )
    Note.objects.filter(contact=loser).update(contact=survivor)
    # Whoever was merged into the other one before leads to the survivor in one step.
    Contact.objects.filter(merged_into_id=loser.pk).update(merged_into_id=survivor.pk)


def _empty(survivor: Contact, loser: Contact, taken: dict) -> None:
    """First, so that what the survivor takes is free. Addresses that it does not take stay here: the next file with one
    of them means the survivor."""
    left = {name: value for name in KNOWN_BY if (value := getattr(loser, name)) and value != taken[name]}
    Contact.objects.filter(pk=loser.pk).update(
        **{name: left.get(name) for name in KNOWN_BY},
        first_name="",
        last_name="",
        language="",
        attributes={},
        merged_into_id=survivor.pk,
        deleted_at=timezone.now(),
        updated_at=timezone.now(),
    )


def _prove(survivor: Contact, loser: Contact, channel: str, status: str, **proof) -> None:
    """A row that says what the survivor took over."""
    if status in NOES:
        Consent.objects.create(
            contact=survivor, channel=channel, state=Consent.State.WITHDRAWN, source=Consent.Source.MERGE, **proof
        )
    elif status == Status.SUBSCRIBED:
        granted = Consent.objects.filter(contact=loser, channel=channel, topic=None, state=Consent.State.GRANTED)
        given = granted.order_by("-id").first() or Consent(basis="")
        Consent.objects.create(
            contact=survivor,
            channel=channel,
            state=Consent.State.GRANTED,
            source=Consent.Source.MERGE,
            basis=given.basis,
            wording=given.wording,
            wording_version=given.wording_version,
            **proof,
        )


def _suppress(survivor: Contact, channel: str, status: str) -> None:
    """A no is on the list of addresses, too: the address that is kept may be the one that had not said it."""
    address = getattr(survivor, consent_rules.ADDRESS[channel]) if channel in consent_rules.ADDRESS else None
    if status in NOES and address and suppression_list.of_address(channel, address) is None:
        suppression_list.suppress(channel, address, Suppression.Reason(status))
