"""Batches: open, fill with the audience in repeatable chunks, pause, hold, resume, cancel."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, connections, transaction
from django.utils import timezone

from accounts import language
from contacts.consent import consent_rules
from contacts.models import Topic
from contacts.segments.audience import Audience
from contacts.segments.definition import BadDefinition
from delivery import day_facts, nudging, registry, send_rules, tallies
from delivery.events import BatchHeld
from delivery.models import Batch, Lease, Message, ProviderAccount, Sender, WarmUp, WorkspaceQueue
from delivery.shares import EVERYBODY, Share
from delivery.sources.source import Rules, source_of
from kernel.events import publish
from kernel.jobs import enqueue
from kernel.tenancy import across_workspaces, scope
from templates_app import contents

if TYPE_CHECKING:
    from delivery.channels.channel import Content

CHUNK = 20_000  # people per transaction while a batch is filled

State = Message.State


def open_batch(
    *,
    name: str,
    content: Content,
    account: ProviderAccount,
    audience: Audience,
    purpose: str = Batch.Purpose.MARKETING,
    topic: Topic | None = None,
    source: str = "audience",
    share: Share = EVERYBODY,
    excludes: Sequence[Batch] = (),
    not_before: datetime | None = None,
) -> Batch:
    """Freeze what is sent and start filling, in the caller's transaction. `source` says who gets it: a name of
    delivery.sources.

    It is for a `share` of them, except whom the batches `excludes` have, and nothing of it is sent before `not_before`.
    """
    marketing = purpose == Batch.Purpose.MARKETING
    channel = registry.channel(content.channel)
    batch = Batch(
        name=name[:200],
        purpose=purpose,
        channel=channel.slug,
        content=contents.keep(
            channel=channel.slug, kind=content.kind, body=content.body(), links=partial(channel.links, content)
        ),
        parameters=content.parameters(),
        account=account,
        source=source,
        audience=audience.frozen().data(),
        topic=topic,
        share_seed=share.seed,
        share_first=share.first,
        share_end=share.end,
        excludes=[batch.pk for batch in excludes],
        not_before=not_before,
        expires_at=max(timezone.now(), not_before or timezone.now()) + timedelta(hours=settings.BATCH_EXPIRES_HOURS),
    )
    if marketing and not account.is_sandbox:
        WarmUp.objects.get_or_create()
    is_filled = source_of(batch).is_given(batch)
    if is_filled:
        batch.filled_at, batch.state = timezone.now(), Batch.State.SENDING
    batch.save()
    if batch.is_tracked:
        _track_links(batch)
    if is_filled:
        _fill_at_once(batch)
    else:
        # served_at lies in the past so that a workspace that starts to send does not wait behind those that send
        # already.
        WorkspaceQueue.objects.get_or_create(defaults={"served_at": timezone.now() - timedelta(days=1)})
        enqueue("delivery.fill_batch", batch_id=batch.pk)
    return batch


TRACK_LINKS = """
INSERT INTO delivery_trackedlink (workspace_id, batch_id, n, url, prefix, clicks)
SELECT workspace_id, %(batch)s, position, target, prefix, 0 FROM templates_app_contentlink
WHERE workspace_id = %(workspace)s AND content_id = %(content)s
"""


def _track_links(batch: Batch) -> None:
    """Count the clicks on each link of the content for this batch."""
    ids = {"batch": batch.pk, "content": batch.content_id, "workspace": batch.workspace_id}
    with connection.cursor() as cursor:
        cursor.execute(TRACK_LINKS, ids)


# Of each chunk's people. `tallies` first, see day_facts.
SKIPPED = """
    SELECT %(workspace)s::bigint AS workspace_id, %(batch)s::bigint AS batch_id, id AS contact_id, 'skipped' AS fact,
           1 AS n, 1 AS units, 0 AS cost FROM people WHERE reason <> '' AND (SELECT count(*) FROM tallies) > 0"""
TALLIES = """
    SELECT %(workspace)s::bigint AS workspace_id, %(batch)s::bigint AS batch_id, fact, reason, n
    FROM (SELECT 'planned' AS fact, '' AS reason, count(*) AS n FROM people
          UNION ALL SELECT 'skipped', reason, count(*) FROM people WHERE reason <> '' GROUP BY reason
          {by_language}) facts"""
# How many of the planned messages are translations, by language. Not of a retry: there they are planned once more.
BY_LANGUAGE = """UNION ALL SELECT 'language', code, count(*) FROM (SELECT {language} AS code FROM people) translated
          WHERE code IS NOT NULL GROUP BY code"""

WRITE = f"""
WITH people AS MATERIALIZED ({{people}}
), filled AS (
    INSERT INTO delivery_message (workspace_id, batch_id, contact_id, state, reason, detail, round, tries, settled_at,
                                  language)
    SELECT %(workspace)s, %(batch)s, id, CASE reason WHEN '' THEN {State.QUEUED:d} ELSE {State.SKIPPED:d} END, reason,
           '', 0, 0, CASE reason WHEN '' THEN NULL ELSE now() END, {{language}}
    FROM people ON CONFLICT DO NOTHING
), leased AS (
    INSERT INTO delivery_lease (workspace_id, batch_id, low, high, handed, round, state, worker, token, not_before,
                                claims, urgent)
    SELECT %(workspace)s, %(batch)s, min(id) - 1, max(id), min(id) - 1, 0, {Lease.State.FREE:d}, '', 0,
           greatest(now(), %(not_before)s), 0, %(urgent)s
    FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / %(lease)s AS part FROM people WHERE reason = '') parts
    GROUP BY part ON CONFLICT DO NOTHING
), tallies AS ({tallies.raise_in_sql(TALLIES)}), days AS ({day_facts.raise_in_sql(SKIPPED)})"""  # noqa: S608  (numbers of our enumerations)

# Of a content that is translated: the body that the person gets. The row keeps it, so that what was sent can be shown
# whatever language the person has later.
BODY_LANGUAGE = """(SELECT c.language FROM contacts_contact c
                    WHERE c.id = people.id AND c.workspace_id = %(workspace)s AND c.language = ANY(%(languages)s))"""

FILL = f"""{WRITE}
SELECT (SELECT max(id) FROM people), (SELECT count(*) FROM people)
"""  # noqa: S608  (parts of our own)

# All that filling does, for people who fit into one chunk.
FILL_AT_ONCE = f"""{WRITE}, queued AS (
    INSERT INTO delivery_workspacequeue (workspace_id, served_at) VALUES (%(workspace)s, now() - interval '1 day')
    ON CONFLICT (workspace_id) DO NOTHING
)
SELECT EXISTS (SELECT FROM people WHERE reason = '')
"""  # noqa: S608  (parts of our own)


def fill(batch_id: int, *, budget: float = 5.0) -> bool:
    """Write the audience's messages and leases. Returns True when the audience is complete, False when the budget in
    seconds is used up.

    Each chunk is one transaction that also moves the cursor: run twice or killed at any point, the result is the same.
    """
    deadline = time.monotonic() + budget
    with across_workspaces("batches are filled by the engine; the batch's id names its workspace"):
        workspace_id = Batch.objects.values_list("workspace_id", flat=True).get(pk=batch_id)
    with language.of_workspace(workspace_id):
        try:
            while time.monotonic() < deadline:
                if _fill_chunk(batch_id):
                    return True
        except BadDefinition as problem:
            # A field or tag that a segment uses is gone. Guessing the audience would write to the wrong people.
            hold(batch_id, str(problem))
            return True
    return False


def _fill_chunk(batch_id: int) -> bool:
    with (
        across_workspaces("batches are filled by the engine; the statement names the batch's workspace"),
        transaction.atomic("engine"),
        connections["engine"].cursor() as cursor,
    ):
        batch = Batch.objects.select_for_update(of=("self",)).select_related("topic").get(pk=batch_id)
        if batch.filled_at or batch.state == Batch.State.CANCELLED:
            _mark_filled(batch)
            return True
        people, params = _people(batch)
        languages = contents.languages_of(batch.content_id) if batch.content_id else []
        statement = FILL.format(people=people, **_language_sql(batch, languages))
        cursor.execute(statement, params | _parameters(batch) | {"languages": languages})
        last, found = cursor.fetchone()
        if found:
            batch.cursor = last
            batch.save(update_fields=["cursor"])
        if found < CHUNK:
            _mark_filled(batch)
            return True
    return False


def _fill_at_once(batch: Batch) -> None:
    """Write the messages of a batch whose people were given, in the caller's transaction: a batch of one costs one
    statement and no job."""
    people, params = _people(batch)
    with connections["default"].cursor() as cursor:
        languages = sorted(batch.content.body.get("translations", {})) if batch.content else []
        statement = FILL_AT_ONCE.format(people=people, **_language_sql(batch, languages))
        cursor.execute(statement, params | _parameters(batch) | {"languages": languages})
        (has_work,) = cursor.fetchone()
    if has_work:
        # Afterwards: a lane that waits now may start before the messages can be seen, and find nothing.
        transaction.on_commit(partial(nudging.nudge, lanes=1))
    else:
        enqueue("delivery.fill_batch", batch_id=batch.pk)  # nobody may be written to: it only ends the batch


def _language_sql(batch: Batch, languages: list[str]) -> dict[str, str]:
    """`language`: SQL for the language of a person's body; NULL for who gets what everybody else gets. `by_language`:
    how many get each. `languages`: the codes into which the content is translated."""
    if not languages:
        return {"language": "NULL", "by_language": ""}
    by_language = "" if batch.is_retry else BY_LANGUAGE.format(language=BODY_LANGUAGE)
    return {"language": BODY_LANGUAGE, "by_language": by_language}


def _parameters(batch: Batch) -> dict:
    return send_rules.params(batch) | {
        "batch": batch.pk,
        "not_before": batch.not_before,
        "urgent": batch.purpose != Batch.Purpose.MARKETING,
        "cursor": batch.cursor,
        "chunk": CHUNK,
        "lease": settings.LEASE_SIZE,
    }


def _people(batch: Batch) -> tuple[str, dict]:
    """The statement that selects the next of those whom the batch is for, and its parameters."""
    rules = Rules(
        forbidden=send_rules.forbidden(batch.channel, is_test=batch.purpose == Batch.Purpose.TEST),
        suppression=consent_rules.suppression(batch.channel),
    )
    people, params = source_of(batch).people(batch, rules)
    if send_rules.goes_to_a_number_once(batch.channel, batch.purpose):
        people = send_rules.once_a_number(people)
    return people, params


def _mark_filled(batch: Batch) -> None:
    if batch.filled_at is None:
        batch.filled_at = timezone.now()
        if batch.state == Batch.State.FILLING:
            batch.state = Batch.State.SENDING
        batch.save(update_fields=["filled_at", "state"])


def pause(batch: Batch) -> bool:
    """Pause the batch from the next gate on. Returns False if there is nothing to pause."""
    return bool(Batch.objects.filter(pk=batch.pk, finished_at=None, is_paused=False).update(is_paused=True))


def hold(batch_id: int, problem: str, *, decision: str = "") -> None:
    """Pause a batch because of a problem that a person has to fix, and notify the apps above. Called by the engine.
    `decision`: the reason of failures that a person has to decide about."""
    with across_workspaces("the engine pauses a batch that it can't go on with, by its id"):
        workspace_id = Batch.objects.values_list("workspace_id", flat=True).get(pk=batch_id)
    with scope(workspace_id):  # one transaction: paused and notified, or neither
        going = [Batch.State.FILLING, Batch.State.SENDING]
        # Also a batch that a member has paused: the problem is new to them, and stops useless attempts to fill it.
        held = Batch.objects.filter(pk=batch_id, finished_at=None, problem="", state__in=going)
        if held.update(is_paused=True, problem=problem[:300], decision=decision):
            publish(BatchHeld(batch_id=batch_id))


def resume(batch: Batch) -> bool:
    """Continue a paused batch, now: also where its account waits. Returns False if it is not paused."""
    paused = Batch.objects.select_for_update().filter(pk=batch.pk, finished_at=None, is_paused=True).first()
    if paused is None:
        return False
    if paused.decision:
        paused.decided = [*paused.decided, paused.decision]
    paused.is_paused, paused.problem, paused.decision = False, "", ""
    paused.save(update_fields=["is_paused", "problem", "decision", "decided"])
    ProviderAccount.objects.filter(pk=paused.account_id, limit_ends_at=None).update(retry_at=None)
    if paused.filled_at is None:
        enqueue("delivery.fill_batch", batch_id=paused.pk)
    else:
        nudging.nudge()
    return True


def change_sender(batch: Batch, sender: Sender) -> bool:
    """Send the rest of the batch's messages from another sender. Returns False if the batch is not paused."""
    paused = Batch.objects.select_for_update().filter(pk=batch.pk, finished_at=None, is_paused=True).first()
    if paused is None:
        return False
    paused.parameters |= registry.channel(paused.channel).identity_of(sender)
    paused.save(update_fields=["parameters"])
    return True


def cancel(batch: Batch) -> bool:
    """Close the gate for this batch permanently. Lanes then mark the unsent messages as cancelled, lease by lease.
    Returns False if the batch has ended already."""
    states = [Batch.State.FILLING, Batch.State.SENDING]
    # Clear the problem: it keeps a batch from being filled, and a batch that is not filled does not end.
    cancelled = Batch.objects.filter(pk=batch.pk, state__in=states).update(
        state=Batch.State.CANCELLED, is_paused=False, problem="", decision=""
    )
    # Leases that wait for their time are closed now, not then.
    Lease.objects.filter(batch=batch, state=Lease.State.FREE, not_before__gt=timezone.now()).update(
        not_before=timezone.now()
    )
    if cancelled and batch.filled_at is None:
        enqueue("delivery.fill_batch", batch_id=batch.pk)
    elif cancelled:
        nudging.nudge()
    return bool(cancelled)


def open_count(tallies: dict[str, int]) -> int:
    """How many messages are still open: planned minus everything that has ended."""
    ended = ("skipped", "accepted", "failed", "unknown", "cancelled", "expired")
    return tallies.get("planned", 0) - sum(tallies.get(fact, 0) for fact in ended)


FACT_OF_STATE = {
    Message.State.ACCEPTED: "accepted",
    Message.State.FAILED: "failed",
    Message.State.UNKNOWN: "unknown",
    Message.State.SKIPPED: "skipped",
    Message.State.CANCELLED: "cancelled",
    Message.State.EXPIRED: "expired",
}
