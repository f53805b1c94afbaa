"""Personal data that this app holds: erased with the person, and included in a data export.

Messages stay, with the contact's id and their outcome: reports are counted from them. Opens and clicks stay, too, with
that id and a time.
"""

from __future__ import annotations

from contacts.models import Contact
from delivery.models import Hit, Message
from delivery.models.message import reason_text

# What may hold an address or a name is emptied.
ERASURE = {
    # Tests that were filled in as one of these people, or went to one of them.
    "captured tests": """
        DELETE FROM delivery_capturedmessage k USING delivery_batch b
        WHERE k.workspace_id = %(ws)s AND b.workspace_id = %(ws)s AND b.id = k.batch_id AND b.purpose = 'test'
          AND ((b.parameters ->> 'as_contact')::bigint = ANY(%(ids)s) OR lower(b.parameters ->> 'to') IN
               (SELECT email FROM contacts_contact WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)))""",
    "servers' answers to tests": """
        UPDATE delivery_message m SET detail = '' FROM delivery_batch b
        WHERE b.workspace_id = %(ws)s AND b.purpose = 'test' AND lower(b.parameters ->> 'to') IN
              (SELECT email FROM contacts_contact WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s))
          AND m.batch_id = b.id AND m.workspace_id = %(ws)s AND m.detail <> ''""",
    "recipients of tests": """
        UPDATE delivery_batch b SET parameters = b.parameters || '{"to": ""}'
        WHERE b.workspace_id = %(ws)s AND b.purpose = 'test' AND b.parameters ->> 'to' <> ''
          AND lower(b.parameters ->> 'to') IN
              (SELECT email FROM contacts_contact WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s))""",
    "testers": """
        DELETE FROM delivery_tester WHERE workspace_id = %(ws)s AND email IN
            (SELECT email FROM contacts_contact WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s))""",
    "captured messages": """
        DELETE FROM delivery_capturedmessage k USING delivery_message m
        WHERE m.workspace_id = %(ws)s AND m.contact_id = ANY(%(ids)s)
          AND k.workspace_id = %(ws)s AND k.batch_id = m.batch_id AND k.contact_id = m.contact_id""",
    "programs and networks of opens and clicks": """
        UPDATE delivery_hit h SET agent = '', network = NULL FROM delivery_message m
        WHERE m.workspace_id = %(ws)s AND m.contact_id = ANY(%(ids)s)
          AND h.workspace_id = %(ws)s AND h.batch_id = m.batch_id AND h.contact_id = m.contact_id
          AND (h.agent <> '' OR h.network IS NOT NULL)""",
    "opens and clicks of the last seconds": """
        DELETE FROM delivery_incominghit WHERE workspace_id = %(ws)s AND contact_id = ANY(%(ids)s)""",
    # A server's answer often repeats the address.
    "servers' answers": """
        UPDATE delivery_message SET detail = ''
        WHERE workspace_id = %(ws)s AND contact_id = ANY(%(ids)s) AND detail <> ''""",
}


def messages(contact: Contact) -> list[dict]:
    rows = (
        Message.objects.filter(contact_id__in=contact.ids_of_person)
        .select_related("batch__content")
        .order_by("batch_id")
    )
    return [
        {
            "message": f"{row.batch_id}/{row.contact_id}",
            "channel": row.batch.channel,
            "name": row.batch.name,
            "subject": _subject(row),
            "state": Message.State(row.state).name.lower(),
            "reason": reason_text(row.reason) if row.reason else "",
            "sent_at": row.settled_at,
            "opened_at": row.opened_at,
            "clicked_at": row.clicked_at,
            "bounced_at": row.bounced_at,
            "unsubscribed_at": row.unsubscribed_at,
        }
        for row in rows.iterator(chunk_size=1000)
    ]


def _subject(message: Message) -> str:
    """In the language that the person got, with its merge tags."""
    if message.batch.content is None:
        return ""
    body = message.batch.content.body
    return body.get("translations", {}).get(message.language, body).get("subject", "")


def opens_and_clicks(contact: Contact) -> list[dict]:
    people = contact.ids_of_person
    batches = Message.objects.filter(contact_id__in=people).values("batch_id")
    rows = Hit.objects.filter(batch_id__in=batches, contact_id__in=people).order_by("at", "id")
    return [
        {
            "message": f"{row.batch_id}/{row.contact_id}",
            "what": row.get_kind_display(),
            "link": row.link,
            "at": row.at,
            "program": row.agent,
            "network": row.network,
        }
        for row in rows.iterator(chunk_size=1000)
    ]
