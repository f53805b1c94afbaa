"""A restored or cloned database sends nothing until an operator confirms it.

Three signs, each for a case that the others miss: PostgreSQL's own identity (a dump loaded elsewhere, a point-in-time
recovery), the installation's name in the environment (a disk image on a staging machine), and a counter that is kept
outside the database as well (a disk snapshot put back in place).
"""

from __future__ import annotations

import json
import logging
import os
import threading
import uuid
from pathlib import Path

from django.conf import settings
from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from contacts.changes import eras
from delivery import day_facts, tallies
from delivery.models import Deployment, Lease, Message

log = logging.getLogger("fanfare.delivery")

IDENTITY = """
SELECT (SELECT system_identifier FROM pg_control_system())::text, (SELECT timeline_id FROM pg_control_checkpoint()),
       (SELECT oid FROM pg_database WHERE datname = current_database())::bigint
"""

GIVEN_UP = """
    SELECT workspace_id, batch_id, contact_id, 'unknown' AS fact, 1 AS n, units, cost FROM given_up
    WHERE (SELECT count(*) FROM tallies) > 0"""
TALLIES = """
    SELECT workspace_id, batch_id, 'unknown' AS fact, 'restored' AS reason, count(*) AS n FROM given_up GROUP BY 1, 2"""
GIVE_UP_QUEUED = f"""
WITH given_up AS (
    UPDATE delivery_message m SET state = {Message.State.UNKNOWN:d}, reason = 'restored', settled_at = now()
    WHERE batch_id = ANY(%(batches)s) AND state = {Message.State.QUEUED:d}
    RETURNING workspace_id, batch_id, contact_id, {day_facts.COUNTED}
), tallies AS ({tallies.raise_in_sql(TALLIES)}), days AS ({day_facts.raise_in_sql(GIVEN_UP)})
SELECT count(*) FROM given_up
"""  # noqa: S608  (parts of our own)

DONE = int(Lease.State.DONE)


def may_send() -> bool:
    """Whether this database may send. Every lane asks before it claims a lease. Holds all sending if the database is
    not the one it was."""
    # The file is read first: it is written after the row, so it is never ahead of a row that is read after it.
    outside = _read_file()
    deployment = _row()
    if deployment.held_at is not None:
        return False
    signs = _signs(deployment, outside)
    if signs:
        Deployment.objects.filter(pk=deployment.pk, held_at=None).update(
            held_at=timezone.now(), held_because="; ".join(signs)[:300]
        )
        return False
    return True


def hold(because: str, *, using: str) -> None:
    """Hold all sending from a database that was just restored, whatever the signs say. A reason that is there stays."""
    with transaction.atomic(using):
        _row(using)
        Deployment.objects.using(using).filter(held_at=None).update(held_at=timezone.now(), held_because=because[:300])


def advance_counter() -> None:
    """Increase the counter, in the database and in the file, every few seconds. Does nothing while sending is held."""
    with connections["engine"].cursor() as cursor:
        cursor.execute(
            "UPDATE delivery_deployment SET epoch = epoch + 1 WHERE held_at IS NULL RETURNING identity, epoch"
        )
        row = cursor.fetchone()
    if row:
        _write_file(str(row[0]), row[1])


def confirm(*, give_up_open: bool) -> int:
    """The operator confirms this database. With give_up_open, its open messages become unknown, so that nobody gets one
    twice. Returns how many messages those were."""
    eras.begin()
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        given_up = _give_up_open(cursor) if give_up_open else 0
        deployment = _row()
        deployment.epoch = max(deployment.epoch, _read_file().get("epoch", 0)) + 1
        deployment.held_at, deployment.held_because = None, ""
        for name, value in _current_identity().items():
            setattr(deployment, name, value)
        deployment.save(using="engine")
    _write_file(str(deployment.identity), deployment.epoch)
    return given_up


def _row(using: str = "engine") -> Deployment:
    """This database's row; created on first use."""
    found = Deployment.objects.using(using).first()
    if found is not None:
        return found
    defaults = {"identity": uuid.uuid4(), **_current_identity(using)}
    return Deployment.objects.using(using).get_or_create(pk=1, defaults=defaults)[0]


def _current_identity(using: str = "engine") -> dict:
    with connections[using].cursor() as cursor:
        cursor.execute(IDENTITY)
        names = ("system_identifier", "timeline", "database_oid")
        return dict(zip(names, cursor.fetchone(), strict=True)) | {"name": settings.DEPLOYMENT_ID}


def _signs(deployment: Deployment, outside: dict) -> list[str]:
    signs = [
        f"{name} is {value}, it was {getattr(deployment, name)}"
        for name, value in _current_identity().items()
        if getattr(deployment, name) != value
    ]
    if outside.get("identity") == str(deployment.identity) and outside.get("epoch", 0) > deployment.epoch:
        signs.append(f"its counter is at {deployment.epoch}, outside it is at {outside['epoch']}")
    return signs


def _read_file() -> dict:
    try:
        return json.loads(Path(settings.EPOCH_FILE).read_text())
    except (OSError, ValueError):
        return {}


def _write_file(identity: str, epoch: int) -> None:
    path = Path(settings.EPOCH_FILE)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps({"identity": identity, "epoch": epoch}))
        temporary.replace(path)
    except OSError as problem:
        # The other two signs still work, so sending goes on.
        log.warning("EPOCH_FILE can't be written (%s): a disk snapshot put back in place would not be noticed", problem)


def _give_up_open(cursor: CursorWrapper) -> int:
    cursor.execute("SELECT id FROM delivery_batch WHERE finished_at IS NULL ORDER BY id FOR UPDATE")
    batches = [row[0] for row in cursor.fetchall()]
    cursor.execute(GIVE_UP_QUEUED, {"batches": batches})
    given_up = cursor.fetchone()[0]
    cursor.execute("UPDATE delivery_lease SET state = %s, until = NULL WHERE batch_id = ANY(%s)", [DONE, batches])
    cursor.execute("UPDATE delivery_batch SET filled_at = coalesce(filled_at, now()) WHERE id = ANY(%s)", [batches])
    return given_up
