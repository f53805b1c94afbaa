"""Writes a chunk's contacts, their consent, and the effect on each contact, in a few statements for the whole chunk.

An import never reverses an opt-out: it changes a status only of people who never answered, and never against the
suppression list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.backends.utils import CursorWrapper

from contacts.consent import consent_rules, suppression_list
from contacts.consent.bulk_opt_out import LAST_WORD
from contacts.consent.ledger import wording_version
from contacts.imports import effects, matching, refusals
from contacts.imports.rows import CLEARABLE, Row
from contacts.imports.run_settings import RunSettings
from contacts.imports.staging import TABLES, stage
from contacts.imports.suppression_rows import SuppressionRow
from contacts.models import ContactImport

STATUSES = (*consent_rules.STATUS.values(), "tracking_status")
COUNTS = ("created", "updated", "skipped", "seen", "kept_out")

CONSENT = (
    "INSERT INTO contacts_consent (workspace_id, contact_id, channel, state, source, basis, wording, wording_version, "
    "reason, import_id, actor_id, at) SELECT %(ws)s, {contact}, {channel}, 'granted', 'import', %(basis)s, %(proof)s, "
    "%(version)s, '', %(import)s, %(actor)s, now()"
)
# The same where the row brings its own proof, for {proved}: its date, wording, IP address and where it was given.
CONSENT_OF_ROW = (
    "INSERT INTO contacts_consent (workspace_id, contact_id, channel, state, source, basis, wording, wording_version, "
    "reason, page, address, import_id, actor_id, claimed_on, at) SELECT %(ws)s, {contact}, {channel}, 'granted', "
    "'import', %(basis)s, CASE WHEN {proved} AND i.consent_wording <> '' THEN i.consent_wording ELSE %(proof)s END, "
    "CASE WHEN {proved} AND i.consent_wording <> '' "
    "THEN left(encode(sha256(convert_to(i.consent_wording, 'UTF8')), 'hex'), 16) ELSE %(version)s END, '', "
    "CASE WHEN {proved} THEN i.consent_source ELSE '' END, CASE WHEN {proved} THEN i.consent_ip END, %(import)s, "
    "%(actor)s, CASE WHEN {proved} THEN i.consent_on END, coalesce(CASE WHEN {proved} THEN i.consent_at END, now())"
)
# A contact's first row in a file stores the effect; later rows store "seen", or "new_seen" if the file created it.
EFFECT = """CASE WHEN c.import_id = %(import)s AND c.import_effect IN ('created', 'new_seen') THEN 'new_seen'
    WHEN c.import_id = %(import)s THEN 'seen'"""
# People restored from the trash must agree again: their old consent does not count.
_RESTORED_SUBSCRIBED = "c.deleted_at IS NOT NULL AND c.{0} = 'subscribed'"
_RESET_IF_RESTORED = f"{{0}} = CASE WHEN {_RESTORED_SUBSCRIBED} THEN 'pending' ELSE c.{{0}} END"
_NEVER_ANSWERED = f"(c.status = 'pending' OR ({_RESTORED_SUBSCRIBED.format('status')}))"
_FILLED_OR_CLEARED = "{0} = CASE WHEN i.{0} <> '' THEN i.{0} WHEN '{0}' = ANY(i.cleared) THEN '' ELSE c.{0} END"


def status_for_address(channel: str, row: str) -> str:
    """An SQL expression: the status of the contact `c` with the address that `row`, of `matched`, gives it.

    A bounce belongs to the old address; an opt-out that it hid belongs to the person.
    """
    status, address = consent_rules.STATUS[channel], consent_rules.ADDRESS[channel]
    return f"""CASE WHEN {row}.new_{address} AND c.{status} = 'bounced' THEN
            CASE {LAST_WORD.format(person="c.id", channel=f"'{channel}'")}
            WHEN 'withdrawn' THEN 'unsubscribed' ELSE 'pending' END
        WHEN {_RESTORED_SUBSCRIBED.format(status)} THEN 'pending' ELSE c.{status} END"""


# Its contacts by effect, from the table `written` (id, effect, kept_out).
WRITTEN = """SELECT id, effect FROM written WHERE effect IN ('created', 'updated', 'subscribed')
    UNION ALL SELECT id, 'kept_out' FROM written WHERE kept_out"""
# For the usual file, in which people are identified by e-mail alone: one look-up per row, that of the INSERT itself.
UPSERT = f"""
WITH suppressed AS MATERIALIZED (
    SELECT s.recipient, {matching.SUPPRESSED_STATUS.format(s="s")} AS status FROM incoming i CROSS JOIN LATERAL (
        SELECT recipient, reason FROM contacts_suppression
        WHERE workspace_id = (SELECT %(ws)s) AND channel = 'email' AND recipient = i.email OFFSET 0) s
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
        {", ".join(_RESET_IF_RESTORED.format(column) for column in STATUSES if column != "status")},
        -- The effect, for the counts: reading the rows beforehand would be a second look-up for each.
        import_effect = {EFFECT} WHEN {_NEVER_ANSWERED} THEN 'subscribed' ELSE 'updated' END,
        import_id = excluded.import_id, deleted_at = NULL, updated_at = now()
    -- Merged contacts stand for another one: they are not written here, and matched afterwards.
    WHERE c.merged_into_id IS NULL
    RETURNING c.id, c.email, c.status, CASE WHEN xmax = 0 THEN 'created' ELSE c.import_effect END AS effect,
        c.status <> 'subscribed' AND c.import_effect NOT IN ('seen', 'new_seen') AS kept_out
), recorded AS (
    {effects.add(WRITTEN)}
), consented AS (
    {CONSENT.format(contact="w.id", channel="'email'")}
    FROM written w WHERE w.status = 'subscribed' AND w.effect IN ('created', 'subscribed')
), kept AS (
    INSERT INTO touched (n, contact_id, effect)
    SELECT i.n, w.id, w.effect FROM written w JOIN incoming i ON i.email = w.email WHERE %(keep_touched)s
)
SELECT count(*) FILTER (WHERE effect = 'created'), count(*) FILTER (WHERE effect IN ('updated', 'subscribed')),
       0, count(*) FILTER (WHERE effect IN ('seen', 'new_seen')),
       count(*) FILTER (WHERE kept_out), count(*)
FROM written
"""  # noqa: S608

CREATE = """
WITH written AS (
    INSERT INTO contacts_contact (id, workspace_id, email, phone, external_id, first_name, last_name, language,
        address_kind, attributes, status, sms_status, whatsapp_status, source, import_effect, import_id, created_at,
        updated_at)
    SELECT m.contact_id, %(ws)s, i.email, i.phone, i.external_id, i.first_name, i.last_name, i.language,
           i.address_kind, i.attributes, {email}, {sms}, {whatsapp}, 'import', 'created', %(import)s,
           coalesce(i.created_at, now()), now()
    FROM incoming i JOIN matched m ON m.n = i.n AND m.verdict = 'create' {suppressions}
    ORDER BY i.email
    RETURNING id, status, sms_status, whatsapp_status
)
{consent}
FROM written w {rows} CROSS JOIN LATERAL (
    VALUES ('email', w.status), ('sms', w.sms_status), ('whatsapp', w.whatsapp_status)) AS k(channel, status)
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
    {", ".join(f"{column} = {status_for_address(channel, 'm')}" for channel, column in consent_rules.STATUS.items())},
    {_RESET_IF_RESTORED.format("tracking_status")},
    import_effect = {EFFECT} ELSE 'updated' END,
    import_id = %(import)s, deleted_at = NULL, updated_at = now()
FROM incoming i JOIN matched m ON m.n = i.n AND m.verdict IN ('update', 'seen')
WHERE c.workspace_id = (SELECT %(ws)s) AND c.id = m.contact_id
"""  # noqa: S608

# After an update: subscribe people who never answered, and set the status of addresses on the suppression list.
UPDATE_CONSENT = """
WITH answers AS (
    SELECT c.id, c.{status} AS old, CASE WHEN s_{channel}.reason IS NOT NULL THEN {suppressed}
        WHEN c.{status} = 'pending' AND %(grants)s AND {agrees} THEN 'subscribed' ELSE c.{status} END AS new
    FROM matched m {incoming}
    CROSS JOIN LATERAL (SELECT * FROM contacts_contact WHERE id = m.contact_id OFFSET 0) c {suppression}
    WHERE c.workspace_id = %(ws)s AND m.verdict IN ('update', 'seen') AND c.{address} IS NOT NULL
    AND (c.{status} = 'pending' OR (c.{status} = 'subscribed' AND m.new_{address}))
), written AS (
    UPDATE contacts_contact c SET {status} = a.new,
        import_effect = CASE WHEN a.new = 'subscribed' AND c.import_effect = 'updated' THEN 'subscribed'
            ELSE c.import_effect END
    FROM answers a
    WHERE c.workspace_id = (SELECT %(ws)s) AND c.id = a.id AND a.new <> a.old RETURNING c.id, c.{status} AS status
)
{consent} FROM written w {rows} WHERE w.status = 'subscribed'
"""
# The rows of people who were written, for their own proof.
ROWS = """JOIN matched m ON m.contact_id = w.id AND m.verdict IN ('create', 'update', 'seen')
    JOIN incoming i ON i.n = m.n"""

TOUCHED = """
INSERT INTO touched (n, contact_id, effect)
SELECT n, contact_id, verdict FROM matched WHERE verdict IN ('create', 'update', 'seen')
"""
# Counts the verdicts, and records whom they concern.
COUNT = f"""
WITH written AS MATERIALIZED (
    SELECT c.id, m.verdict, CASE WHEN m.verdict IN ('create', 'update') THEN c.import_effect END AS effect,
           m.verdict IN ('create', 'update') AND {{kept_out}} AS kept_out
    FROM matched m {{incoming}} LEFT JOIN LATERAL (
        SELECT k.* FROM contacts_contact k
        WHERE k.workspace_id = (SELECT %(ws)s) AND k.id = m.contact_id OFFSET 0) c ON true
), recorded AS (
    {effects.add(WRITTEN)}
)
SELECT count(*) FILTER (WHERE verdict = 'create'), count(*) FILTER (WHERE verdict = 'update'),
       count(*) FILTER (WHERE verdict = 'skip'), count(*) FILTER (WHERE verdict = 'seen'),
       count(*) FILTER (WHERE kept_out)
FROM written
"""  # noqa: S608


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
    rejected: Sequence[Row] = (),
) -> tuple[dict[str, int], dict[str, list[int]]]:
    """Write the rows, round by round. Returns the counts, and by reason the numbers of the rows that are rejected
    because of what is known already. With `keep_touched` the written contacts are listed in the table `touched`.
    `rejected` are rows that are not written; only their refusals count."""
    params = params_of(contact_import)
    cursor.execute(TABLES)
    staged = [row for rows in rounds for row in rows]
    stage(cursor, settings, staged)
    if settings.consent.answers:
        refusals.stage(cursor, staged, rejected)
    counts = dict.fromkeys(COUNTS, 0)
    if settings.is_plain:
        cursor.execute(UPSERT, params | {"keep_touched": keep_touched})
        *numbers, written = cursor.fetchone()
        counts = dict(zip(COUNTS, numbers, strict=True))
        if written == len(rounds[0]):
            return counts, {}
        # The other rows refer to contacts that were merged into others.
        merged = set(matching.merged_away(cursor, params))
        rounds = [[row for row in rounds[0] if row.number in merged]]
    refused: dict[str, list[int]] = {}
    for _round in matching.in_rounds(cursor, settings, params, rounds):
        for name, number in _write_matched(cursor, settings, params).items():
            counts[name] += number
        matching.add_rejected(cursor, refused)
        if keep_touched:
            cursor.execute(TOUCHED)
        if settings.consent.answers:
            refusals.remember_matches(cursor)
    if settings.consent.answers:
        refusals.apply(cursor, contact_import, settings.consent.channels)
    return counts, refused


def _write_matched(cursor: CursorWrapper, settings: RunSettings, params: dict) -> dict[str, int]:
    cursor.execute("UPDATE matched SET contact_id = nextval('contacts_contact_id_seq') WHERE verdict = 'create'")
    consent, rows = _consent(settings, "k.channel"), ROWS if settings.consent.writes else ""
    # Only for files whose rows differ in consent: for the others, this join would be for nothing.
    incoming = "JOIN incoming i ON i.n = m.n" if settings.consent.writes else ""
    cursor.execute(CREATE.format(consent=consent, rows=rows, **_first_statuses(settings)), params)
    cursor.execute(UPDATE, params)
    if cursor.rowcount:
        for channel, status in consent_rules.STATUS.items():
            address = consent_rules.ADDRESS[channel]
            statement = UPDATE_CONSENT.format(
                channel=channel,
                status=status,
                address=address,
                suppressed=matching.SUPPRESSED_STATUS.format(s=f"s_{channel}"),
                agrees=_agrees(settings, channel, address),
                consent=_consent(settings, "%(channel)s"),
                incoming=incoming,
                rows=rows,
                suppression=matching.suppression(channel, f"c.{address}"),
            )
            cursor.execute(statement, params | {"grants": channel in settings.channels, "channel": channel})
    cursor.execute(COUNT.format(kept_out=_kept_out(settings), incoming=incoming), params)
    return dict(zip(COUNTS, cursor.fetchone(), strict=True))


def _consent(settings: RunSettings, channel: str) -> str:
    """The statement that adds the ledger rows of people who are subscribed on a channel (an SQL expression)."""
    if not settings.consent.writes:
        return CONSENT.format(contact="w.id", channel=channel)
    # The dates of a file are about e-mail where it has addresses: they prove nothing about text messages.
    proved = f"{channel} = 'email'" if "email" in settings.identities else "true"
    return CONSENT_OF_ROW.format(contact="w.id", channel=channel, proved=proved)


def says_yes(settings: RunSettings, channel: str, row: str = "i") -> str:
    """An SQL condition: the row of `incoming`, known as `row`, does not say no for the channel."""
    return f"{row}.{channel}_answer = 'granted'" if channel in settings.consent.channels else "true"


def _agrees(settings: RunSettings, channel: str, address: str) -> str:
    """An SQL condition: the row `i` may subscribe a contact who never answered. Where the file says yes or no row by
    row, a later row about somebody does not outvote the first one."""
    if channel not in settings.consent.channels:
        return "true"
    return f"({says_yes(settings, channel)} AND (m.verdict <> 'seen' OR m.new_{address}))"


def _first_statuses(settings: RunSettings) -> dict[str, str]:
    """The statuses of new contacts by channel, as SQL, and under "suppressions" the joins that these need."""
    parts, joins = {}, []
    for channel, address in consent_rules.ADDRESS.items():
        if address not in settings.identities:
            parts[channel] = "'pending'"
            continue
        joins.append(matching.suppression(channel, f"i.{address}"))
        suppressed = matching.SUPPRESSED_STATUS.format(s=f"s_{channel}")
        granted = "false"
        if channel in settings.channels:
            granted = f"i.{address} IS NOT NULL AND {says_yes(settings, channel)}"
        parts[channel] = (
            f"CASE WHEN s_{channel}.reason IS NOT NULL THEN {suppressed} "
            f"WHEN {granted} THEN 'subscribed' ELSE 'pending' END"
        )
    return parts | {"suppressions": " ".join(joins)}


def _kept_out(settings: RunSettings) -> str:
    """An SQL condition: `c` can't be written to on a channel that the file claims consent for in its row `i`."""
    conditions = [
        f"(c.{consent_rules.ADDRESS[channel]} IS NOT NULL AND c.{consent_rules.STATUS[channel]} <> 'subscribed' "
        f"AND {says_yes(settings, channel)})"
        for channel in settings.channels
    ]
    return f"({' OR '.join(conditions)})" if conditions else "false"
