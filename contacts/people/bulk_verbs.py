"""What bulk actions do to a chunk of people: a statement each, which names the workspace and counts whom it changed."""

from __future__ import annotations

from contacts.consent import bulk_opt_out
from contacts.groups import tagging
from contacts.models import BulkAction, Channel, Consent

Verb = BulkAction.Verb

# People in the trash are left alone; a tag or list that is gone meanwhile changes nobody.
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

# When everyone is done: whoever was given the tag meanwhile, then the tag itself with what else points at it.
END_OF_MERGE = (
    # Whoever is giving the tag at this moment is waited for.
    "SELECT FROM contacts_tag WHERE workspace_id = %(ws)s AND id = %(tag)s FOR UPDATE",
    "INSERT INTO contacts_contacttag (workspace_id, contact_id, tag_id) SELECT workspace_id, contact_id, %(target)s "
    "FROM contacts_contacttag WHERE workspace_id = %(ws)s AND tag_id = %(tag)s ON CONFLICT DO NOTHING",
    "UPDATE contacts_importtag SET tag_id = %(target)s WHERE workspace_id = %(ws)s AND tag_id = %(tag)s",
    "DELETE FROM contacts_contacttag WHERE workspace_id = %(ws)s AND tag_id = %(tag)s",
    "DELETE FROM contacts_importtag WHERE workspace_id = %(ws)s AND tag_id = %(tag)s",
    "DELETE FROM contacts_tag WHERE workspace_id = %(ws)s AND id = %(tag)s",
)


def act(cursor, action: BulkAction, ids: list[int]) -> int:
    """Do it to these people. How many it changed."""
    if action.verb == Verb.UNSUBSCRIBE:
        said_now = bulk_opt_out.withdraw(
            cursor,
            action.workspace_id,
            ids,
            channel=Channel.EMAIL,
            source=Consent.Source.MEMBER,
            actor_id=action.asked_by_id,
            address=action.address,
        )
        return len(said_now)
    cursor.execute(STATEMENTS[action.verb], _params(action) | {"ids": ids})
    return cursor.rowcount


def clean_up(cursor, action: BulkAction) -> None:
    """What remains to be done when nobody is left."""
    if action.verb != Verb.MERGE_TAG or not _exists(cursor, action):
        return
    tagging.follow(action.workspace_id, action.scope["tag"], action.target_id, gone=True)
    for statement in END_OF_MERGE:
        cursor.execute(statement, _params(action))


def _exists(cursor, action: BulkAction) -> bool:
    """Whether the tag to merge into is still there: if not, the other one stays as it was."""
    cursor.execute(
        "SELECT FROM contacts_tag WHERE workspace_id = %(ws)s AND id = %(target)s AND deleted_at IS NULL FOR UPDATE",
        _params(action),
    )
    return bool(cursor.fetchall())


def _params(action: BulkAction) -> dict:
    return {"ws": action.workspace_id, "target": action.target_id, "tag": action.scope.get("tag")}
