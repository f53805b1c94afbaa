"""Writes a chunk's contacts, their consent, and the effect on each contact, in a few statements for the whole chunk.

An import never reverses an opt-out: it changes a status only of people who never answered, and never against the
suppression list.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.backends.utils import CursorWrapper

from contacts.consent import consent_rules, suppression_list
from contacts.consent.bulk_opt_out import LAST_WORD
from contacts.consent.ledger import wording_version
from contacts.imports import matching
from contacts.imports.contact_rows import CLEARABLE, Row
from contacts.imports.run_settings import RunSettings
from contacts.imports.staging import TABLES, stage
from contacts.imports.suppression_rows import SuppressionRow
from contacts.models import ContactImport

STATUSES = ("status", "sms_status", "whatsapp_status", "tracking_status")
COUNTS = ("created", "updated", "skipped", "seen", "kept_out")

CONSENT = (
    "INSERT INTO contacts_consent (workspace_id, contact_id, channel, state, source, basis, wording, wording_version, "
    "reason, import_id, actor_id, at) SELECT %(ws)s, {contact}, {channel}, 'granted', 'import', %(basis)s, %(proof)s, "
    "%(version)s, '', %(import)s, %(actor)s, now()"
)
# A contact's first row in a file stores the effect; later rows store "seen", or "new_seen" if the file created it.
EFFECT = """CASE WHEN c.import_id = %(import)s AND c.import_effect IN ('created', 'new_seen') THEN 'new_seen'
    WHEN c.import_id = %(import)s THEN 'seen'"""
# People restored from the trash must agree again: their old consent does not count.
_RESTORED_SUBSCRIBED = "c.deleted_at IS NOT NULL AND c.{0} = 'subscribed'"
_RESET_IF_RESTORED = f"{{0}} = CASE WHEN {_RESTORED_SUBSCRIBED} THEN 'pending' ELSE c.{{0}} END"
_NEVER_ANSWERED = f"(c.status = 'pending' OR ({_RESTORED_SUBSCRIBED.format('status')}))"
_FILLED_OR_CLEARED = "{0} = CASE WHEN i.{0} <> '' THEN i.{0} WHEN '{0}' = ANY(i.cleared) THEN '' ELSE c.{0} END"

# For the usual file, in which people are identified by e-mail alone: one look-up per row, that of the INSERT itself.
UPSERT = f"""
WITH suppressed AS MATERIALIZED (
    SELECT s.recipient, {matching.SUPPRESSED_STATUS.format(s="s")} AS status FROM incoming i CROSS JOIN LATERAL (
        SELECT recipient, reason FROM contacts_suppression
        WHERE workspace_id = %(ws)s AND channel = 'email' AND recipient = i.email OFFSET 0) s
), written AS (
    INSERT INTO contacts_contact AS c (workspace_id, email, first_name, last_name, language, address_kind, attributes,
                                       status, source, import_effect, import_id, created_at, updated_at)
    SELECT %(ws)s, i.email, i.first_name, i.last_name, i.language, i.address_kind, i.attributes,
           coalesce(s.status, 'subscribed'), 'import', 'created', %(import)s, now(), now()
    FROM incoming i LEFT JOIN suppressed s ON s.recipient = i.email
    ORDER BY i.email
    ON CONFLICT (workspace_id, email) DO UPDATE SET
        first_name = CASE WHEN excluded.first_name <> '' THEN excluded.first_name ELSE c.first_name END,
        last_name = CASE WHEN excluded.last_name <> '' THEN excluded.last_name ELSE c.last_name END,
        language = CASE WHEN excluded.language <> '' THEN excluded.language ELSE c.language END,
        address_kind = excluded.address_kind,
        attributes = c.attributes || excluded.attributes,
        -- An import subscribes only people who never answered; an opt-out stays.
        status = CASE WHEN {_NEVER_ANSWERED} THEN excluded.status ELSE c.status END,
        {", ".join(_RESET_IF_RESTORED.format(column) for column in STATUSES[1:])},
        -- The effect, for the counts: reading the rows beforehand would be a second look-up for each.
        import_effect = {EFFECT} WHEN {_NEVER_ANSWERED} THEN 'subscribed' ELSE 'updated' END,
        import_id = excluded.import_id, deleted_at = NULL, updated_at = now()
    -- Merged contacts stand for another one: they are not written here, and matched afterwards.
    WHERE c.merged_into_id IS NULL
    RETURNING c.id, c.email, c.status, CASE WHEN xmax = 0 THEN 'created' ELSE c.import_effect END AS effect
), consented AS (
    {CONSENT.format(contact="w.id", channel="'email'")}
    FROM written w WHERE w.status = 'subscribed' AND w.effect IN ('created', 'subscribed')
), kept AS (
    INSERT INTO touched (n, contact_id, effect)
    SELECT i.n, w.id, w.effect FROM written w JOIN incoming i ON i.email = w.email WHERE %(keep_touched)s
)
SELECT count(*) FILTER (WHERE effect = 'created'), count(*) FILTER (WHERE effect IN ('updated', 'subscribed')),
       0, count(*) FILTER (WHERE effect IN ('seen', 'new_seen')),
       count(*) FILTER (WHERE status <> 'subscribed' AND effect NOT IN ('seen', 'new_seen')), count(*)
FROM written
"""  # noqa: S608

CREATE = """
WITH written AS (
    INSERT INTO contacts_contact (id, workspace_id, email, phone, external_id, first_name, last_name, language,
        address_kind, attributes, status, sms_status, whatsapp_status, source, import_effect, import_id, created_at,
        updated_at)
    SELECT m.contact_id, %(ws)s, i.email, i.phone, i.external_id, i.first_name, i.last_name, i.language,
           i.address_kind, i.attributes, {email}, {sms}, {whatsapp}, 'import', 'created', %(import)s, now(), now()
    FROM incoming i JOIN matched m ON m.n = i.n AND m.verdict = 'create' {suppressions}
    ORDER BY i.email
    RETURNING id, status, sms_status, whatsapp_status
)
{consent}
FROM written w CROSS JOIN LATERAL (VALUES ('email', w.status), ('sms', w.sms_status), ('whatsapp', w.whatsapp_status))
    AS k(channel, status)
WHERE k.status = 'subscribed'
"""

UPDATE = f"""
UPDATE contacts_contact c SET
    email = CASE WHEN m.new_email THEN i.email ELSE c.email END,
    address_kind = CASE WHEN m.new_email OR i.email = c.email THEN i.address_kind ELSE c.address_kind END,
    phone = CASE WHEN m.new_phone THEN i.phone ELSE c.phone END,
    external_id = CASE WHEN m.new_external_id THEN i.external_id ELSE c.external_id END,
    {", ".join(_FILLED_OR_CLEARED.format(column) for column in CLEARABLE)},
    attributes = (c.attributes - i.cleared) || i.attributes,
    -- A bounce belongs to the old address; an opt-out that it hid belongs to the person.
    status = CASE WHEN m.new_email AND c.status = 'bounced' THEN
            CASE {LAST_WORD.format(person="c.id", channel="'email'")}
            WHEN 'withdrawn' THEN 'unsubscribed' ELSE 'pending' END
        WHEN {_RESTORED_SUBSCRIBED.format("status")} THEN 'pending' ELSE c.status END,
    {", ".join(_RESET_IF_RESTORED.format(column) for column in STATUSES[1:])},
    import_effect = {EFFECT} ELSE 'updated' END,
    import_id = %(import)s, deleted_at = NULL, updated_at = now()
FROM incoming i JOIN matched m ON m.n = i.n AND m.verdict IN ('update', 'seen')
WHERE c.workspace_id = %(ws)s AND c.id = m.contact_id
"""  # noqa: S608

# After an update: subscribe people who never answered, and set the status of addresses on the suppression list.
UPDATE_CONSENT = """
WITH answers AS (
    SELECT c.id, c.{status} AS old, CASE WHEN s_{channel}.reason IS NOT NULL THEN {suppressed}
        WHEN c.{status} = 'pending' AND %(grants)s THEN 'subscribed' ELSE c.{status} END AS new
    FROM matched m JOIN contacts_contact c ON c.workspace_id = %(ws)s AND c.id = m.contact_id {suppression}
    WHERE m.verdict IN ('update', 'seen') AND c.{address} IS NOT NULL
    AND (c.{status} = 'pending' OR (c.{status} = 'subscribed' AND m.new_{address}))
), written AS (
    UPDATE contacts_contact c SET {status} = a.new FROM answers a
    WHERE c.workspace_id = %(ws)s AND c.id = a.id AND a.new <> a.old RETURNING c.id, c.{status} AS status
)
{consent} FROM written w WHERE w.status = 'subscribed'
"""

TOUCHED = """
INSERT INTO touched (n, contact_id, effect)
SELECT n, contact_id, verdict FROM matched WHERE verdict IN ('create', 'update', 'seen')
"""
COUNT = """
SELECT count(*) FILTER (WHERE m.verdict = 'create'), count(*) FILTER (WHERE m.verdict = 'update'),
       count(*) FILTER (WHERE m.verdict = 'skip'), count(*) FILTER (WHERE m.verdict = 'seen'),
       count(*) FILTER (WHERE m.verdict IN ('create', 'update') AND {kept_out})
FROM matched m LEFT JOIN contacts_contact c ON c.workspace_id = %(ws)s AND c.id = m.contact_id
"""


def params_of(contact_import: ContactImport) -> dict:
    """The parameters of the statements that come from the import."""
    return {
        "ws": contact_import.workspace_id,
        "import": contact_import.pk,
        "proof": contact_import.consent_source,
        "version": wording_version(contact_import.consent_source) if contact_import.consent_source else "",
        "basis": contact_import.basis,
        "actor": contact_import.uploaded_by_id,
    }


def erased(cursor: CursorWrapper, workspace_id: int, rows: Iterable[Row | SuppressionRow]) -> list[int]:
    """The numbers of the rows about people who asked to be erased. They must not become contacts again."""
    found = set()
    for channel in consent_rules.ADDRESS:
        name = consent_rules.ADDRESS[channel]
        addresses = {getattr(row, name) for row in rows} - {None}
        gone = suppression_list.erased_among(workspace_id, channel, addresses, cursor) if addresses else set()
        if gone:
            found |= {row.number for row in rows if getattr(row, name) in gone}
    return sorted(found)


def write(
    cursor: CursorWrapper,
    contact_import: ContactImport,
    settings: RunSettings,
    rounds: list[list[Row]],
    *,
    keep_touched: bool,
) -> tuple[dict[str, int], list[int]]:
    """Write the rows, round by round. Returns the counts, and the numbers of the rows in conflict. With `keep_touched`
    the written contacts are listed in the table `touched`."""
    params = params_of(contact_import)
    cursor.execute(TABLES)
    stage(cursor, settings, [row for rows in rounds for row in rows])
    counts = dict.fromkeys(COUNTS, 0)
    if settings.is_plain:
        cursor.execute(UPSERT, params | {"keep_touched": keep_touched})
        *numbers, written = cursor.fetchone()
        counts = dict(zip(COUNTS, numbers, strict=True))
        if written == len(rounds[0]):
            return counts, []
        # The other rows refer to contacts that were merged into others.
        queue = [matching.merged_away(cursor, params)]
    else:
        queue = [[row.number for row in rows] for rows in rounds]
    conflicts: list[int] = []
    while queue:
        matching.match(cursor, settings, params, queue.pop(0))
        for name, number in _write_matched(cursor, settings, params).items():
            counts[name] += number
        conflicts += matching.numbers(cursor, "conflict")
        if keep_touched:
            cursor.execute(TOUCHED)
        if later := matching.numbers(cursor, "later"):
            queue.insert(0, later)
    return counts, conflicts


def _write_matched(cursor: CursorWrapper, settings: RunSettings, params: dict) -> dict[str, int]:
    cursor.execute("UPDATE matched SET contact_id = nextval('contacts_contact_id_seq') WHERE verdict = 'create'")
    consent = CONSENT.format(contact="w.id", channel="k.channel")
    cursor.execute(CREATE.format(consent=consent, **_first_statuses(settings)), params)
    cursor.execute(UPDATE, params)
    if cursor.rowcount:
        for channel, status in consent_rules.STATUS.items():
            address = consent_rules.ADDRESS[channel]
            statement = UPDATE_CONSENT.format(
                channel=channel,
                status=status,
                address=address,
                suppressed=matching.SUPPRESSED_STATUS.format(s=f"s_{channel}"),
                consent=CONSENT.format(contact="w.id", channel="%(channel)s"),
                suppression=matching.suppression(channel, f"c.{address}"),
            )
            cursor.execute(statement, params | {"grants": channel in settings.channels, "channel": channel})
    cursor.execute(COUNT.format(kept_out=_kept_out(settings)), params)
    return dict(zip(COUNTS, cursor.fetchone(), strict=True))


def _first_statuses(settings: RunSettings) -> dict[str, str]:
    """The statuses of new contacts by channel, as SQL, and under "suppressions" the joins that these need."""
    parts, joins = {}, []
    for channel, address in consent_rules.ADDRESS.items():
        if address not in settings.identities:
            parts[channel] = "'pending'"
            continue
        joins.append(matching.suppression(channel, f"i.{address}"))
        suppressed = matching.SUPPRESSED_STATUS.format(s=f"s_{channel}")
        granted = f"i.{address} IS NOT NULL" if channel in settings.channels else "false"
        parts[channel] = (
            f"CASE WHEN s_{channel}.reason IS NOT NULL THEN {suppressed} "
            f"WHEN {granted} THEN 'subscribed' ELSE 'pending' END"
        )
    return parts | {"suppressions": " ".join(joins)}


def _kept_out(settings: RunSettings) -> str:
    """An SQL condition: `c` can't be written to on a channel that the file claims consent for."""
    conditions = [
        f"(c.{consent_rules.ADDRESS[channel]} IS NOT NULL AND c.{consent_rules.STATUS[channel]} <> 'subscribed')"
        for channel in settings.channels
    ]
    return f"({' OR '.join(conditions)})" if conditions else "false"
