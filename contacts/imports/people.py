"""Writing a chunk's contacts, their consent and what this did to each, in sets.

An import never turns an opt-out around: a status changes only where the person never answered, and never against the
suppression list.
"""

from __future__ import annotations

from contacts.consent import consent_rules, suppression_list
from contacts.consent.bulk_opt_out import LAST_WORD
from contacts.consent.ledger import wording_version
from contacts.imports import matching
from contacts.imports.contact_rows import Row
from contacts.imports.run_settings import Plan
from contacts.imports.staging import TABLES, stage
from contacts.models import ContactImport

STATUSES = ("status", "sms_status", "whatsapp_status", "tracking_status")
COUNTS = ("created", "updated", "skipped", "seen", "kept_out")

CONSENT = (
    "INSERT INTO contacts_consent (workspace_id, contact_id, channel, state, source, basis, wording, wording_version, "
    "reason, import_id, actor_id, at) SELECT %(ws)s, {contact}, {channel}, 'granted', 'import', %(basis)s, %(proof)s, "
    "%(version)s, '', %(import)s, %(actor)s, now()"
)
# Each first naming of a contact in a file leaves its effect; the next naming says so, and keeps who was created.
EFFECT = """CASE WHEN c.import_id = %(import)s AND c.import_effect IN ('created', 'new_seen') THEN 'new_seen'
    WHEN c.import_id = %(import)s THEN 'seen'"""
# Who comes back from the trash is asked anew: no yes of before holds.
_BACK = "c.deleted_at IS NOT NULL AND c.{0} = 'subscribed'"
_BEGIN_AGAIN = f"{{0}} = CASE WHEN {_BACK} THEN 'pending' ELSE c.{{0}} END"
_OPEN = f"(c.status = 'pending' OR ({_BACK.format('status')}))"

# The usual file, people known by e-mail alone: one look-up a row, which is the insertion's own.
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
        -- Only someone who never answered is subscribed by an import; a no stays a no.
        status = CASE WHEN {_OPEN} THEN excluded.status ELSE c.status END,
        {", ".join(_BEGIN_AGAIN.format(column) for column in STATUSES[1:])},
        -- What this did, for the counts: reading the rows beforehand would be a second look-up each.
        import_effect = {EFFECT} WHEN {_OPEN} THEN 'subscribed' ELSE 'updated' END,
        import_id = excluded.import_id, deleted_at = NULL, updated_at = now()
    -- Merged contacts count for another one: they come back as not written, and are matched afterwards.
    WHERE c.merged_into_id IS NULL
    RETURNING c.id, c.email, c.status, CASE WHEN xmax = 0 THEN 'created' ELSE c.import_effect END AS effect
), consented AS (
    {CONSENT.format(contact="w.id", channel="'email'")}
    FROM written w WHERE w.status = 'subscribed' AND w.effect IN ('created', 'subscribed')
), kept AS (
    INSERT INTO touched (n, contact_id, effect)
    SELECT i.n, w.id, w.effect FROM written w JOIN incoming i ON i.email = w.email WHERE %(keep)s
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
    first_name = CASE WHEN i.first_name <> '' THEN i.first_name ELSE c.first_name END,
    last_name = CASE WHEN i.last_name <> '' THEN i.last_name ELSE c.last_name END,
    language = CASE WHEN i.language <> '' THEN i.language ELSE c.language END,
    attributes = c.attributes || i.attributes,
    -- A bounce was the old address's; a no that it hid is the person's.
    status = CASE WHEN m.new_email AND c.status = 'bounced' THEN
            CASE {LAST_WORD.format(person="c.id", channel="'email'")}
            WHEN 'withdrawn' THEN 'unsubscribed' ELSE 'pending' END
        WHEN {_BACK.format("status")} THEN 'pending' ELSE c.status END,
    {", ".join(_BEGIN_AGAIN.format(column) for column in STATUSES[1:])},
    import_effect = {EFFECT} ELSE 'updated' END,
    import_id = %(import)s, deleted_at = NULL, updated_at = now()
FROM incoming i JOIN matched m ON m.n = i.n AND m.verdict IN ('update', 'seen')
WHERE c.workspace_id = %(ws)s AND c.id = m.contact_id
"""  # noqa: S608

# After an update: who never answered is subscribed, and an address that is on the suppression list says so.
ANSWER = """
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
    """What the statements ask of the import."""
    return {
        "ws": contact_import.workspace_id,
        "import": contact_import.pk,
        "proof": contact_import.consent_source,
        "version": wording_version(contact_import.consent_source) if contact_import.consent_source else "",
        "basis": contact_import.basis,
        "actor": contact_import.uploaded_by_id,
    }


def erased(cursor, workspace_id: int, rows: list[Row]) -> list[int]:
    """The numbers of the rows whose person asked to be erased. They are no contacts again."""
    found = set()
    for channel in consent_rules.ADDRESS:
        name = consent_rules.ADDRESS[channel]
        addresses = {getattr(row, name) for row in rows} - {None}
        gone = suppression_list.erased_among(workspace_id, channel, addresses, cursor) if addresses else set()
        if gone:
            found |= {row.number for row in rows if getattr(row, name) in gone}
    return sorted(found)


def write(
    cursor, contact_import: ContactImport, plan: Plan, rounds: list[list[Row]], *, keep: bool
) -> tuple[dict[str, int], list[int]]:
    """Write the rows, round by round; `keep` who was written in `touched`. The counts, and the numbers of the rows in
    conflict."""
    params = params_of(contact_import)
    cursor.execute(TABLES)
    stage(cursor, plan, [row for turn in rounds for row in turn])
    counts = dict.fromkeys(COUNTS, 0)
    if plan.is_plain:
        cursor.execute(UPSERT, params | {"keep": keep})
        *numbers, written = cursor.fetchone()
        counts = dict(zip(COUNTS, numbers, strict=True))
        if written == len(rounds[0]):
            return counts, []
        # The rest mean contacts that were merged into others.
        turns = [matching.merged_away(cursor, params)]
    else:
        turns = [[row.number for row in turn] for turn in rounds]
    conflicts: list[int] = []
    while turns:
        matching.match(cursor, plan, params, turns.pop(0))
        for name, number in _write_matched(cursor, plan, params).items():
            counts[name] += number
        conflicts += matching.numbers(cursor, "conflict")
        if keep:
            cursor.execute(TOUCHED)
        if later := matching.numbers(cursor, "later"):
            turns.insert(0, later)
    return counts, conflicts


def _write_matched(cursor, plan: Plan, params: dict) -> dict[str, int]:
    cursor.execute("UPDATE matched SET contact_id = nextval('contacts_contact_id_seq') WHERE verdict = 'create'")
    consent = CONSENT.format(contact="w.id", channel="k.channel")
    cursor.execute(CREATE.format(consent=consent, **_beginnings(plan)), params)
    cursor.execute(UPDATE, params)
    if cursor.rowcount:
        for channel, status in consent_rules.STATUS.items():
            address = consent_rules.ADDRESS[channel]
            statement = ANSWER.format(
                channel=channel,
                status=status,
                address=address,
                suppressed=matching.SUPPRESSED_STATUS.format(s=f"s_{channel}"),
                consent=CONSENT.format(contact="w.id", channel="%(channel)s"),
                suppression=matching.suppression(channel, f"c.{address}"),
            )
            cursor.execute(statement, params | {"grants": channel in plan.channels, "channel": channel})
    cursor.execute(COUNT.format(kept_out=_kept_out(plan)), params)
    return dict(zip(COUNTS, cursor.fetchone(), strict=True))


def _beginnings(plan: Plan) -> dict[str, str]:
    """The statuses of new contacts, and the joins that these ask."""
    parts, joins = {}, []
    for channel, address in consent_rules.ADDRESS.items():
        if address not in plan.identities:
            parts[channel] = "'pending'"
            continue
        joins.append(matching.suppression(channel, f"i.{address}"))
        suppressed = matching.SUPPRESSED_STATUS.format(s=f"s_{channel}")
        granted = f"i.{address} IS NOT NULL" if channel in plan.channels else "false"
        parts[channel] = (
            f"CASE WHEN s_{channel}.reason IS NOT NULL THEN {suppressed} "
            f"WHEN {granted} THEN 'subscribed' ELSE 'pending' END"
        )
    return parts | {"suppressions": " ".join(joins)}


def _kept_out(plan: Plan) -> str:
    """Whether `c` may not be written to on a channel that the file claims consent for."""
    conditions = [
        f"(c.{consent_rules.ADDRESS[channel]} IS NOT NULL AND c.{consent_rules.STATUS[channel]} <> 'subscribed')"
        for channel in plan.channels
    ]
    return f"({' OR '.join(conditions)})" if conditions else "false"
