"""Counts, for each channel that a file claims consent for, whom the import would subscribe and whom not, and why.

Of a file that says no in single rows, who says yes and who says no is kept in temporary tables: a later no takes back
an earlier yes, and an earlier no of a row that is not imported keeps a later yes out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.backends.utils import CursorWrapper

from contacts.consent import consent_rules
from contacts.imports import consent_answers, matching, people
from contacts.imports.rows import Row
from contacts.imports.run_settings import RunSettings

#: What becomes of a contact that is created or updated: it will be subscribed, it is already, it opted out or bounced
#: before, the file doesn't say yes, or it has no address of the channel.
OUTCOMES = ("subscribed", "already", "opted_out", "file", "no_address")
# `person` as in forecast_people; `chunk` is the last line of the row's chunk: an import applies what a chunk refuses
# after it has written the chunk. `names_all`: the row is about everybody who has its address.
TABLES = """
CREATE TEMP TABLE IF NOT EXISTS forecast_grants (
    channel text NOT NULL, person bigint NOT NULL, address text COLLATE "C" NOT NULL, chunk bigint NOT NULL
) ON COMMIT PRESERVE ROWS;
CREATE TEMP TABLE IF NOT EXISTS forecast_refusals (
    channel text NOT NULL, person bigint, address text COLLATE "C", names_all boolean NOT NULL, state text NOT NULL,
    chunk bigint NOT NULL
) ON COMMIT PRESERVE ROWS;
TRUNCATE forecast_grants, forecast_refusals;
"""
# With the aliases of forecasting.COUNT: v is the row with its verdict, c its contact. A later row about a person counts
# where it brings the first address.
OUTCOME = """CASE WHEN v.verdict NOT IN ('create', 'update') AND NOT {gains} THEN NULL
    WHEN {recipient} IS NULL THEN 'no_address'
    WHEN {status} NOT IN ('pending', 'subscribed') THEN 'opted_out'
    WHEN {status} = 'subscribed' AND NOT (v.new_{address} AND s_{channel}.reason IS NOT NULL)
        THEN CASE WHEN {refuses} THEN 'file' ELSE 'already' END
    WHEN s_{channel}.reason IS NOT NULL THEN 'opted_out'
    WHEN {agrees} THEN 'subscribed' ELSE 'file' END"""
_REFUSAL = "('{}')".format("', '".join(sorted(consent_answers.REFUSALS)))
GAINS = "(v.verdict = 'seen' AND v.new_{address} AND v.old_{address} IS NULL)"
GRANTS = """
INSERT INTO forecast_grants (channel, person, address, chunk)
SELECT %(channel)s, v.person, {recipient}, %(chunk)s FROM {joined} WHERE {outcome} = 'subscribed'
"""
# rows.Row.names_all of the row `v`. The tests hold the two together.
NAMES_ALL = "('{address}' = 'email' OR (v.email IS NULL AND v.external_id IS NULL))"
REFUSALS = """
INSERT INTO forecast_refusals (channel, person, address, names_all, state, chunk)
SELECT %(channel)s, v.person, v.{address}, {names_all}, v.{channel}_answer, %(chunk)s
FROM verdicts v WHERE v.{channel}_answer <> 'granted' AND v.verdict <> 'later'
"""
# Rejected rows are not matched: what they name people by is looked up among those whom the file has written.
REFUSALS_OF_REJECTED = """
INSERT INTO forecast_refusals (channel, person, address, names_all, state, chunk)
SELECT %(channel)s, p.id, u.address, u.names_all, u.state, %(chunk)s
FROM unnest(%(addresses)s::text[], %(names_all)s::boolean[], %(emails)s::text[], %(external_ids)s::text[],
            %(states)s::text[]) AS u(address, names_all, email, external_id, state)
LEFT JOIN LATERAL (
    SELECT f.id FROM forecast_people f WHERE f.email = u.email
    UNION
    SELECT f.id FROM forecast_people f WHERE f.external_id = u.external_id OFFSET 0) p ON true
"""
# As in contacts.imports.refusals: that somebody doesn't say yes ends a yes which was written before, a bounce is about
# an address, and an opt-out stays.
TAKEN_BACK = """
SELECT count(*) FROM (
    SELECT g.person FROM forecast_grants g JOIN forecast_refusals r ON r.channel = g.channel AND r.person = g.person
    WHERE g.channel = %(channel)s AND (r.chunk >= g.chunk OR r.state IN ('withdrawn', 'complained'))
        AND (r.state <> 'bounced' OR coalesce(r.address, g.address) = g.address)
    UNION
    SELECT g.person FROM forecast_grants g JOIN forecast_refusals r ON r.channel = g.channel AND r.address = g.address
    WHERE g.channel = %(channel)s AND (r.state <> 'pending' OR (r.names_all AND r.chunk >= g.chunk))) t
"""


def columns(settings: RunSettings) -> list[str]:
    """SQL expressions that count the OUTCOMES of each channel of the import, in this order, and those of the people
    who had no address before."""
    found = []
    for channel in settings.channels:
        gains = GAINS.format(address=consent_rules.ADDRESS[channel])
        found += [f"count(*) FILTER (WHERE {outcome(settings, channel)} = '{name}')" for name in OUTCOMES]
        found.append(f"count(*) FILTER (WHERE {gains})")
    return found


def recipient(channel: str) -> str:
    """An SQL expression: the address that the row's contact will have."""
    address = consent_rules.ADDRESS[channel]
    return f"CASE WHEN c.id IS NULL OR v.new_{address} THEN v.{address} ELSE c.{address} END"


def outcome(settings: RunSettings, channel: str) -> str:
    """An SQL expression: which of the OUTCOMES the row has on the channel, NULL if it is about nobody new."""
    address, answer = consent_rules.ADDRESS[channel], f"v.{channel}_answer"
    refuses = f"{answer} IN {_REFUSAL}" if channel in settings.consent.channels else "false"
    return OUTCOME.format(
        gains=GAINS.format(address=address),
        recipient=recipient(channel),
        address=address,
        status=f"coalesce({people.status_for_address(channel, row='v')}, 'pending')",
        channel=channel,
        refuses=refuses,
        agrees=people.says_yes(settings, channel, row="v"),
    )


def suppressions(settings: RunSettings) -> str:
    """The joins that the other expressions need."""
    return " ".join(matching.suppression(channel, recipient(channel)) for channel in settings.channels)


def begin(cursor: CursorWrapper) -> None:
    cursor.execute(TABLES)


def remember(
    cursor: CursorWrapper, settings: RunSettings, verdicts: str, joined: str, params: dict, *, chunk: int
) -> None:
    """Keep whom the rows that were just matched would subscribe and who refuses, if the file says so row by row.
    `verdicts` is forecasting.VERDICTS, `joined` what it is joined with; `chunk` is the last line of the rows' chunk."""
    for channel in _row_by_row(settings):
        params = params | {"channel": channel, "chunk": chunk}
        grants = GRANTS.format(recipient=recipient(channel), joined=joined, outcome=outcome(settings, channel))
        cursor.execute(verdicts + grants, params)
        address = consent_rules.ADDRESS[channel]
        names_all = NAMES_ALL.format(address=address)
        refusals = REFUSALS.format(address=address, names_all=names_all, channel=channel)
        cursor.execute(verdicts + refusals, params)


def remember_rejected(cursor: CursorWrapper, settings: RunSettings, rejected: Iterable[Row], *, chunk: int) -> None:
    """The same for rejected rows that refuse, after the others of their chunk."""
    rows = list(rejected)
    for channel in _row_by_row(settings):
        address = consent_rules.ADDRESS[channel]
        said = [(row, row.consent.answers[channel].state) for row in rows if row.consent]
        refusing = [(row, state) for row, state in said if state != "granted"]
        refusals: dict[str, Any] = {
            "channel": channel,
            "addresses": [getattr(row, address) for row, _state in refusing],
            "names_all": [row.names_all(address) for row, _state in refusing],
            "emails": [row.email for row, _state in refusing],
            "external_ids": [row.external_id for row, _state in refusing],
            "states": [state for _row, state in refusing],
            "chunk": chunk,
        }
        cursor.execute(REFUSALS_OF_REJECTED, refusals)


def take_back(cursor: CursorWrapper, settings: RunSettings, counts: dict[str, Counter[str]]) -> None:
    """Count whom a row would subscribe and another one refuses as refused."""
    for channel in _row_by_row(settings):
        cursor.execute(TAKEN_BACK, {"channel": channel})
        if taken_back := cursor.fetchone()[0]:
            counts[channel]["subscribed"] -= taken_back
            counts[channel]["file"] += taken_back


def _row_by_row(settings: RunSettings) -> list[str]:
    """The channels of the import that the file says yes or no to in single rows."""
    return [channel for channel in settings.channels if channel in settings.consent.channels]


def add(settings: RunSettings, numbers: list[int], consent: dict[str, Counter[str]]) -> None:
    """Add the numbers of a chunk, in the order of `columns`, to the outcomes by channel."""
    for channel in settings.channels:
        *own, gains = numbers[: len(OUTCOMES) + 1]
        numbers = numbers[len(OUTCOMES) + 1 :]
        outcomes = consent.setdefault(channel, Counter())
        outcomes.update(dict(zip(OUTCOMES, own, strict=True)))
        outcomes["no_address"] -= gains
