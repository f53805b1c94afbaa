"""Sign-ups that nobody confirms: one reminder, then they are deleted, with the contacts that they alone created."""

from __future__ import annotations

from django.conf import settings
from django.db import connections, transaction

from contacts.events import SignupAsked, SignupUnanswered
from contacts.privacy import erasure
from contacts.signups.signing_up import SOURCE
from kernel.events import publish
from kernel.tenancy import scope

CHUNK = 500

# Sign-ups that were never mailed, because a job was lost or the workspace had no sender, or that were mailed once,
# SIGNUP_REMINDER_HOURS ago. Older sign-ups of people who signed up again or have confirmed since are left out.
DUE = """
SELECT workspace_id, id, mailed_at IS NULL FROM contacts_signup s
WHERE confirmed_at IS NULL AND reminded_at IS NULL AND expires_at > now() AND id > %(after)s
  AND CASE WHEN mailed_at IS NULL THEN asked_at < now() - interval '10 minutes'
      ELSE mailed_at < now() - make_interval(hours => %(hours)s) END
  AND NOT EXISTS (SELECT FROM contacts_signup o WHERE o.workspace_id = s.workspace_id AND o.email = s.email
      AND o.form_id = s.form_id AND (o.id > s.id OR o.confirmed_at > s.asked_at))
ORDER BY id LIMIT %(size)s
"""

# Expired sign-ups stay visible to the merchant for another SIGNUP_DAYS, then they are deleted.
FORGET = """
WITH gone AS (
    DELETE FROM contacts_signup WHERE id IN (
        SELECT id FROM contacts_signup WHERE confirmed_at IS NULL
        AND expires_at < now() - make_interval(days => %(days)s) LIMIT %(size)s)
    RETURNING workspace_id, contact_id, coalesce((data->>'restored')::boolean, false) AS restored
) SELECT workspace_id, contact_id, bool_or(restored) FROM gone GROUP BY 1, 2
"""

NO_OTHER_SIGNUP = """c.deleted_at IS NULL
    AND NOT EXISTS (SELECT FROM contacts_signup s WHERE s.workspace_id = c.workspace_id AND s.contact_id = c.id)
"""
NOTHING_ELSE = """
    c.status = 'pending' AND c.sms_status = 'pending' AND c.whatsapp_status = 'pending'
    AND c.tracking_status = 'pending'
    AND c.phone IS NULL AND c.external_id IS NULL AND c.import_id IS NULL AND c.attributes = '{}'
    AND c.first_name = '' AND c.last_name = ''
    AND NOT EXISTS (SELECT FROM contacts_consent x WHERE x.workspace_id = c.workspace_id AND x.contact_id = c.id
        AND x.state <> 'requested')
    AND NOT EXISTS (SELECT FROM contacts_contacttag x WHERE x.workspace_id = c.workspace_id AND x.contact_id = c.id)
    AND NOT EXISTS (SELECT FROM contacts_listmember x WHERE x.workspace_id = c.workspace_id AND x.contact_id = c.id)
    AND NOT EXISTS (SELECT FROM contacts_companycontact x WHERE x.workspace_id = c.workspace_id AND x.contact_id = c.id)
    AND NOT EXISTS (SELECT FROM contacts_note x WHERE x.workspace_id = c.workspace_id AND x.contact_id = c.id)
    AND NOT EXISTS (SELECT FROM contacts_contactevent x WHERE x.workspace_id = c.workspace_id AND x.contact_id = c.id)
"""

# Taken before the checks below: a person who signs up at this moment waits for this lock, or has it and is waited for.
LOCK = "SELECT FROM contacts_contact WHERE workspace_id = %(workspace)s AND id = %(contact)s FOR UPDATE"
UNUSED_CONTACT = f"""
SELECT c.id FROM contacts_contact c
WHERE c.workspace_id = %(workspace)s AND c.id = %(contact)s AND c.source = %(source)s
  AND {NO_OTHER_SIGNUP} AND {NOTHING_ELSE}
"""  # noqa: S608

BACK_INTO_THE_TRASH = f"""
UPDATE contacts_contact c SET deleted_at = now(), updated_at = now()
WHERE c.workspace_id = %(workspace)s AND c.id = %(contact)s AND c.status <> 'subscribed' AND {NO_OTHER_SIGNUP}
"""  # noqa: S608


def remind() -> int:
    """Publish an event for each mail that is due, and return their number. The subscriber sends each mail once."""
    asked = after = 0
    while True:
        with connections["engine"].cursor() as cursor:
            cursor.execute(DUE, {"hours": settings.SIGNUP_REMINDER_HOURS, "after": after, "size": CHUNK})
            rows = cursor.fetchall()
        for workspace_id, signup_id, is_unsent in rows:
            event = SignupAsked if is_unsent else SignupUnanswered
            with scope(workspace_id):
                publish(event(signup_id=signup_id))
        asked += len(rows)
        if len(rows) < CHUNK:
            return asked
        after = rows[-1][1]


def forget() -> int:
    """Delete sign-ups that expired SIGNUP_DAYS ago, and erase contacts that had nothing else.

    Contacts that the sign-up had taken out of the trash go back there. Returns the number of contacts of both kinds.
    """
    forgotten = 0
    while True:
        with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
            cursor.execute(FORGET, {"days": settings.SIGNUP_DAYS, "size": CHUNK})
            rows = cursor.fetchall()
            for workspace_id, contact_id, restored in rows:
                params = {"workspace": workspace_id, "contact": contact_id, "source": SOURCE}
                cursor.execute(LOCK, params)
                cursor.execute(BACK_INTO_THE_TRASH if restored else UNUSED_CONTACT, params)
                forgotten += (found := cursor.rowcount)
                if found and not restored:
                    erasure.overwrite(cursor, workspace_id, [contact_id])
        if not rows:
            return forgotten
