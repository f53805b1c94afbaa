"""What bulk actions do to a chunk of contacts.

One SQL statement a verb. Each names the workspace, and its row count is the number of contacts changed.
"""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper

from contacts.consent import bulk_opt_out
from contacts.groups import tagging
from contacts.models import BulkAction, Channel, Consent

Verb = BulkAction.Verb

# Contacts in the trash are not changed. If the tag or list was deleted meanwhile, no contact is changed.
STATEMENTS = {
    Verb.TAG: """
        INSERT INTO contacts_contacttag (workspace_id, contact_id, tag_id)
        SELECT %(ws)s, c.id, g.id FROM contacts_contact c, contacts_tag g
        WHERE c.workspace_id = %(ws)s AND c.id = ANY(%(ids)s) AND c.deleted_at IS NULL
        AND g.workspace_id = %(ws)s AND g.id = %(target)s AND g.deleted_at IS NULL
        FOR KEY SHARE OF g ON CONFLICT DO NOTHING""",
    Verb.UNTAG: """
        DELETE FROM contacts_contacttag t USING contacts_contact c
        WHERE c.workspace_id = %(ws)s AND c.id = ANY(%(ids)s) AND c.deleted_at IS NULL
        AND t.workspace_id = %(ws)s AND t.tag_id = %(target)s AND t.contact_id = c.id""",
    Verb.LIST: """
        INSERT INTO contacts_listmember (workspace_id, contact_id, contact_list_id)
        SELECT %(ws)s, c.id, g.id FROM contacts_contact c, contacts_contactlist g
        WHERE c.workspace_id = %(ws)s AND c.id = ANY(%(ids)s) AND c.deleted_at IS NULL
        AND g.workspace_id = %(ws)s AND g.id = %(target)s AND g.deleted_at IS NULL
        FOR KEY SHARE OF g ON CONFLICT DO NOTHING""",
    Verb.UNLIST: """
        DELETE FROM contacts_listmember m USING contacts_contact c
        WHERE c.workspace_id = %(ws)s AND c.id = ANY(%(ids)s) AND c.deleted_at IS NULL
        AND m.workspace_id = %(ws)s AND m.contact_list_id = %(target)s AND m.contact_id = c.id""",
    Verb.MARK_ACTIVE: """
        UPDATE contacts_contact c SET inactive_at = NULL, engaged_at = now(), updated_at = now()
        WHERE c.workspace_id = %(ws)s AND c.id = ANY(%(ids)s) AND c.inactive_at IS NOT NULL""",
    Verb.DELETE: """
        UPDATE contacts_contact c SET deleted_at = now(), updated_at = now()
        WHERE c.workspace_id = %(ws)s AND c.id = ANY(%(ids)s) AND c.deleted_at IS NULL""",
    Verb.MERGE_TAG: """
        INSERT INTO contacts_contacttag (workspace_id, contact_id, tag_id)
        SELECT %(ws)s, t.contact_id, g.id FROM contacts_contacttag t, contacts_tag g
        WHERE t.workspace_id = %(ws)s AND t.tag_id = %(tag)s AND t.contact_id = ANY(%(ids)s)
        AND g.workspace_id = %(ws)s AND g.id = %(target)s ON CONFLICT DO NOTHING""",
}

# Runs when every contact is done: gives the target to contacts that got the tag meanwhile, then deletes the tag and the
# rows that point to it.
MERGE_CLEAN_UP = (
    # Waits for transactions that are adding the tag at this moment.
    "SELECT FROM contacts_tag WHERE workspace_id = %(ws)s AND id = %(tag)s FOR UPDATE",
    "INSERT INTO contacts_contacttag (workspace_id, contact_id, tag_id) SELECT workspace_id, contact_id, %(target)s "
    "FROM contacts_contacttag WHERE workspace_id = %(ws)s AND tag_id = %(tag)s ON CONFLICT DO NOTHING",
    "UPDATE contacts_importtag SET tag_id = %(target)s WHERE workspace_id = %(ws)s AND tag_id = %(tag)s",
    "DELETE FROM contacts_contacttag WHERE workspace_id = %(ws)s AND tag_id = %(tag)s",
    "DELETE FROM contacts_importtag WHERE workspace_id = %(ws)s AND tag_id = %(tag)s",
    "DELETE FROM contacts_tag WHERE workspace_id = %(ws)s AND id = %(tag)s",
)


def act(cursor: CursorWrapper, action: BulkAction, ids: list[int]) -> int:
    """Apply the action to these contacts. Returns how many it changed."""
    if action.verb == Verb.UNSUBSCRIBE:
        opted_out = bulk_opt_out.withdraw(
            cursor,
            action.workspace_id,
            ids,
            channel=Channel.EMAIL,
            source=Consent.Source.MEMBER,
            actor_id=action.asked_by_id,
            address=action.address,
        )
        return len(opted_out)
    cursor.execute(STATEMENTS[Verb(action.verb)], _params(action) | {"ids": ids})
    return cursor.rowcount


def clean_up(cursor: CursorWrapper, action: BulkAction) -> None:
    """What remains to be done when no contact is left: after a merge of tags, remove the merged tag."""
    if action.verb != Verb.MERGE_TAG or action.target_id is None or not _target_exists(cursor, action):
        return
    tagging.follow(action.workspace_id, action.scope["tag"], action.target_id, gone=True)
    for statement in MERGE_CLEAN_UP:
        cursor.execute(statement, _params(action))


def _target_exists(cursor: CursorWrapper, action: BulkAction) -> bool:
    """Whether the tag to merge into still exists. If not, the tag to merge stays as it was."""
    cursor.execute(
        "SELECT FROM contacts_tag WHERE workspace_id = %(ws)s AND id = %(target)s AND deleted_at IS NULL FOR UPDATE",
        _params(action),
    )
    return bool(cursor.fetchall())


def _params(action: BulkAction) -> dict:
    return {"ws": action.workspace_id, "target": action.target_id, "tag": action.scope.get("tag")}
