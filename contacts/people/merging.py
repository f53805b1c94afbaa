"""Merge two contacts that are the same person.

The survivor keeps its row and gets the other contact's tags, lists, companies, notes, events and topic choices. The
other contact (the loser) is emptied, except for the addresses that were not taken, and points to the survivor by
`merged_into_id` permanently. Consent is append-only: the loser's rows stay with it and are shown with the survivor's,
and a row of source MERGE says what the survivor took over. An opt-out of either contact remains an opt-out.
"""

from __future__ import annotations

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contacts.consent import bulk_opt_out, consent_rules, ledger, suppression_list
from contacts.models import Channel, Consent, Contact, ContactChange, ContactEvent, Note, Suppression
from kernel.causes import caused_by

IDENTIFIERS = ["email", "phone", "external_id"]
FIELDS = [*IDENTIFIERS, "first_name", "last_name", "language"]
Status = Contact.Status
OPT_OUTS = (Status.COMPLAINED, Status.UNSUBSCRIBED)
#: From the most messages to the fewest; a merge keeps the stricter.
FREQUENCIES = [Contact.Frequency.ANY, Contact.Frequency.WEEKLY, Contact.Frequency.MONTHLY]

#: The tables whose rows move to the survivor, with the columns that are copied.
MOVES = {
    "contacts_contacttag": "tag_id",
    "contacts_listmember": "contact_list_id",
    "contacts_companycontact": "company_id, role",
}
# A topic is wanted only where both contacts wanted it.
MERGE_TOPIC_CHOICES = """
INSERT INTO contacts_topicchoice AS w (workspace_id, topic_id, contact_id, channel, wanted, at)
SELECT workspace_id, topic_id, %(survivor)s, channel, wanted, at FROM contacts_topicchoice
WHERE workspace_id = %(ws)s AND contact_id = %(loser)s
ON CONFLICT (workspace_id, topic_id, channel, contact_id) DO UPDATE SET wanted = w.wanted AND excluded.wanted
"""


class CannotMerge(ValueError):
    """Raised where the two can't be merged; the message is shown to the member."""


def locked(survivor_id: int, loser_id: int) -> tuple[Contact, Contact]:
    """Lock both contacts, in the order of their ids: two merges then wait for each other instead of deadlocking.

    Raises CannotMerge where one is missing, deleted or the same contact.
    """
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
    """The survivor's status on this channel: a complaint or opt-out of either contact, otherwise the status of the
    contact whose address is kept."""
    statuses = {ledger.status_of(survivor, channel), ledger.status_of(loser, channel)}
    for opt_out in OPT_OUTS:
        if opt_out in statuses:
            return opt_out
    return ledger.status_of(address_of, channel)


def owner_of(channel: str, survivor: Contact, loser: Contact, taken: set[str]) -> Contact:
    """The contact whose address on this channel is kept. Open tracking follows the e-mail address."""
    column = consent_rules.ADDRESS.get(channel, "email")
    return loser if column in taken else survivor


def merge(survivor: Contact, loser: Contact, taken: set[str], *, actor: User | None, address: str | None) -> None:
    """Merge `loser` into `survivor`, in the caller's transaction and with both locked.

    `taken`: the fields whose value is taken from the loser; custom fields as "own:<name>". The loser's value is also
    taken where the survivor has none. `actor` and `address` (IP) go into the consent proof.
    """
    with (
        connection.cursor() as cursor,
        caused_by(ContactChange.Source.MERGE, actor_id=actor.pk if actor else None, cursor=cursor),
    ):
        _merge(survivor, loser, taken, actor=actor, address=address)


def _merge(survivor: Contact, loser: Contact, taken: set[str], *, actor: User | None, address: str | None) -> None:
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
        setattr(survivor, consent_rules.status_column(channel), status)
    survivor.save()
    for channel in Channel.values:
        if after[channel] != before[channel]:
            _record_consent(survivor, loser, channel, after[channel], actor=actor, address=address)
        _suppress(survivor, channel, after[channel])


def _values(survivor: Contact, loser: Contact, taken: set[str]) -> dict:
    """The survivor's field values after the merge."""
    values = {name: getattr(loser if name in taken else survivor, name) for name in FIELDS}
    attributes = {
        name: value
        for name, value in loser.attributes.items()
        if f"own:{name}" in taken or name not in survivor.attributes
    }
    values["attributes"] = survivor.attributes | attributes
    values["frequency"] = max(
        survivor.frequency, loser.frequency, key=lambda value: FREQUENCIES.index(Contact.Frequency(value))
    )
    values["paused_until"] = max(filter(None, (survivor.paused_until, loser.paused_until)), default=None)
    values["engaged_at"] = max(filter(None, (survivor.engaged_at, loser.engaged_at)), default=None)
    values["inactive_at"] = survivor.inactive_at if survivor.inactive_at and loser.inactive_at else None
    values["created_at"] = min(survivor.created_at, loser.created_at)
    return values


def _move(survivor: Contact, loser: Contact) -> None:
    """Give the loser's tags, lists, companies, topic choices, notes and events to the survivor."""
    ids = {"ws": survivor.workspace_id, "survivor": survivor.pk, "loser": loser.pk}
    with connection.cursor() as cursor:
        for table, columns in MOVES.items():
            cursor.execute(
                f"INSERT INTO {table} (workspace_id, contact_id, {columns}) "  # noqa: S608
                f"SELECT workspace_id, %(survivor)s, {columns} FROM {table} "
                "WHERE workspace_id = %(ws)s AND contact_id = %(loser)s ON CONFLICT DO NOTHING",
                ids,
            )
        cursor.execute(MERGE_TOPIC_CHOICES, ids)
        for table in (*MOVES, "contacts_topicchoice"):
            cursor.execute(
                f"DELETE FROM {table} WHERE workspace_id = %(ws)s AND contact_id = %(loser)s",  # noqa: S608
                ids,
            )
    Note.objects.filter(contact=loser).update(contact=survivor)
    ContactEvent.objects.filter(contact_id=loser.pk).update(contact_id=survivor.pk)
    # Contacts merged into the loser earlier now point to the survivor directly.
    Contact.objects.filter(merged_into_id=loser.pk).update(merged_into_id=survivor.pk)


def _empty(survivor: Contact, loser: Contact, values: dict) -> None:
    """Empty the loser. This comes before the survivor is saved, because addresses are unique.

    Addresses that the survivor does not take stay on the loser, so that the next imported file with one of them
    updates the survivor.
    """
    kept = {name: value for name in IDENTIFIERS if (value := getattr(loser, name)) and value != values[name]}
    Contact.objects.filter(pk=loser.pk).update(
        **{name: kept.get(name) for name in IDENTIFIERS},
        first_name="",
        last_name="",
        language="",
        attributes={},
        merged_into_id=survivor.pk,
        deleted_at=timezone.now(),
        updated_at=timezone.now(),
    )


def _record_consent(survivor: Contact, loser: Contact, channel: str, status: str, **proof) -> None:
    """Add a ledger row that says what the survivor took over, and when the person had said it."""
    if status in OPT_OUTS:
        state = Consent.State.WITHDRAWN
    elif status == Status.SUBSCRIBED:
        state = Consent.State.GRANTED
    else:
        return
    said = Consent.objects.filter(contact=loser, channel=channel, topic=None, state=state).order_by("-id").first()
    # A status without a row, such as a complaint's, counts from the merge.
    said = said or Consent(basis="")
    Consent.objects.create(
        contact=survivor,
        channel=channel,
        state=state,
        source=Consent.Source.MERGE,
        basis=said.basis,
        wording=said.wording,
        wording_version=said.wording_version,
        at=said.at,
        claimed_on=said.claimed_on,
        **proof,
    )


def _suppress(survivor: Contact, channel: str, status: str) -> None:
    """Put the kept address on the suppression list after an opt-out: it may belong to the contact that had not opted
    out, as other contacts with the same phone number have not."""
    address = getattr(survivor, consent_rules.ADDRESS[channel]) if channel in consent_rules.ADDRESS else None
    if status not in OPT_OUTS or not address:
        return
    if suppression_list.of_address(channel, address) is None:
        suppression_list.suppress(channel, address, Suppression.Reason(status))
    if consent_rules.ADDRESS[channel] == "phone":
        with connection.cursor() as cursor:
            bulk_opt_out.withdraw(
                cursor, survivor.workspace_id, [survivor.pk], channel=channel, source=Consent.Source.MERGE
            )
