"""Counts, for each channel that a file claims consent for, whom the import would subscribe and whom not, and why.

Of a file that says no in single rows, the addresses are kept in a temporary table: a later no takes back an earlier
yes, and an earlier no of a row that is not imported keeps a later yes out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.db.backends.utils import CursorWrapper

from contacts.consent import consent_rules
from contacts.imports import people
from contacts.imports.contact_rows import Row
from contacts.imports.run_settings import RunSettings

#: What becomes of a contact that is created or updated: it will be subscribed, it is already, it opted out or bounced
#: before, the file doesn't say yes, or it has no address of the channel.
OUTCOMES = ("subscribed", "already", "opted_out", "file", "no_address")
TABLES = """
CREATE TEMP TABLE IF NOT EXISTS forecast_answers (
    channel text NOT NULL, address text COLLATE "C" NOT NULL, granted boolean NOT NULL, refused boolean NOT NULL,
    PRIMARY KEY (channel, address)
) ON COMMIT PRESERVE ROWS;
TRUNCATE forecast_answers;
"""
# With the aliases of forecasting.COUNT: v is the row with its verdict, c its contact. People from the trash must agree
# again, as in contacts.imports.people.
OUTCOME = """CASE WHEN v.verdict NOT IN ('create', 'update') THEN NULL
    WHEN coalesce(v.{address}, c.{address}) IS NULL THEN 'no_address'
    WHEN c.{status} = 'subscribed' AND c.deleted_at IS NULL THEN CASE WHEN {refuses} THEN 'file' ELSE 'already' END
    WHEN c.{status} NOT IN ('pending', 'subscribed') OR s_{channel}.reason IS NOT NULL THEN 'opted_out'
    WHEN {agrees} THEN 'subscribed' ELSE 'file' END"""
REMEMBER = """
INSERT INTO forecast_answers (channel, address, granted, refused)
SELECT %(channel)s, a.address, bool_or(a.granted), bool_or(a.refused) FROM ({said}) a WHERE a.address IS NOT NULL
GROUP BY a.address
ON CONFLICT (channel, address) DO UPDATE SET granted = forecast_answers.granted OR excluded.granted,
    refused = forecast_answers.refused OR excluded.refused
"""
REFUSED = """SELECT i.{address} AS address, false AS granted, true AS refused
    FROM incoming i WHERE i.{answer} <> 'granted'"""
REJECTED = "SELECT u.address, false AS granted, true AS refused FROM unnest(%(rejected)s::text[]) AS u(address)"
TAKEN_BACK = "SELECT count(*) FROM forecast_answers WHERE channel = %s AND granted AND refused"


def columns(settings: RunSettings) -> list[str]:
    """SQL expressions that count the OUTCOMES of each channel of the import, in this order."""
    return [
        f"count(*) FILTER (WHERE {outcome(settings, channel)} = '{name}')"
        for channel in settings.channels
        for name in OUTCOMES
    ]


def outcome(settings: RunSettings, channel: str) -> str:
    """An SQL expression: which of the OUTCOMES the row has on the channel, NULL if it is about nobody new."""
    answer = f"v.{channel}_answer"
    refuses = f"{answer} IN ('withdrawn', 'bounced', 'complained')" if channel in settings.consent.channels else "false"
    return OUTCOME.format(
        address=consent_rules.ADDRESS[channel],
        status=consent_rules.STATUS[channel],
        channel=channel,
        refuses=refuses,
        agrees=people.says_yes(settings, channel, row="v"),
    )


def begin(cursor: CursorWrapper) -> None:
    cursor.execute(TABLES)


def remember(
    cursor: CursorWrapper, settings: RunSettings, verdicts: str, joined: str, params: dict, rejected: Iterable[Row]
) -> None:
    """Keep whom the rows of a chunk, in `incoming`, would subscribe and who refuses, if the file says so row by row.
    `verdicts` is forecasting.VERDICTS, `joined` what it is joined with; `rejected` are rejected rows that refuse."""
    refusing = list(rejected)
    for channel in set(settings.channels) & settings.consent.channels:
        address = consent_rules.ADDRESS[channel]
        granted = (
            f"SELECT coalesce(v.{address}, c.{address}) AS address, true AS granted, false AS refused FROM {joined} "  # noqa: S608
            f"WHERE {outcome(settings, channel)} = 'subscribed'"
        )
        refused = REFUSED.format(address=address, answer=f"{channel}_answer")
        addresses = [
            getattr(row, address)
            for row in refusing
            if getattr(row, address) and row.consent and row.consent.answers[channel].state != "granted"
        ]
        said = f"{granted} UNION ALL {refused} UNION ALL {REJECTED}"
        cursor.execute(verdicts + REMEMBER.format(said=said), params | {"channel": channel, "rejected": addresses})


def take_back(cursor: CursorWrapper, settings: RunSettings, counts: dict[str, Counter[str]]) -> None:
    """Count whom a row would subscribe and another one refuses as refused."""
    for channel in set(settings.channels) & settings.consent.channels:
        cursor.execute(TAKEN_BACK, [channel])
        if taken_back := cursor.fetchone()[0]:
            counts[channel]["subscribed"] -= taken_back
            counts[channel]["file"] += taken_back


def add(settings: RunSettings, numbers: list[int], consent: dict[str, Counter[str]]) -> None:
    """Add the numbers of a chunk, in the order of `columns`, to the outcomes by channel."""
    for channel in settings.channels:
        own, numbers = numbers[: len(OUTCOMES)], numbers[len(OUTCOMES) :]
        consent.setdefault(channel, Counter()).update(dict(zip(OUTCOMES, own, strict=True)))
