"""A restored or cloned database sends nothing until an operator confirms it.

Three signs, each of which the others miss: PostgreSQL's own identity (a dump that was loaded elsewhere, a recovery to a
point in time), the installation's name in the environment (a disk image on a staging machine), and a counter that is
kept outside the database, too (a disk snapshot put back in place).
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
from django.utils import timezone

from delivery.batching import add_tallies
from delivery.models import Deployment

log = logging.getLogger("fanfare.delivery")

IDENTITY = """
SELECT (SELECT system_identifier FROM pg_control_system())::text, (SELECT timeline_id FROM pg_control_checkpoint()),
       (SELECT oid FROM pg_database WHERE datname = current_database())::bigint
"""


def may_send() -> bool:
    """Asked by every lane before it claims anything. Holds all sending where the database is not what it was."""
    # The file first: it is written after the row, so it is never ahead of a row that is read behind it.
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


def count_on() -> None:
    """Move the counter, here and in the file outside; called every few seconds. A held database does not count."""
    with connections["engine"].cursor() as cursor:
        cursor.execute(
            "UPDATE delivery_deployment SET epoch = epoch + 1 WHERE held_at IS NULL RETURNING identity, epoch"
        )
        row = cursor.fetchone()
    if row:
        _write_file(str(row[0]), row[1])


def confirm(*, give_up_open: bool) -> int:
    """The operator vouches for this database. With give_up_open, what it holds as open becomes unknown: nobody is
    written to twice. Returns how many messages that were."""
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        given_up = _give_up_open(cursor) if give_up_open else 0
        deployment = _row()
        deployment.epoch = max(deployment.epoch, _read_file().get("epoch", 0)) + 1
        deployment.held_at, deployment.held_because = None, ""
        for name, value in _now().items():
            setattr(deployment, name, value)
        deployment.save(using="engine")
    _write_file(str(deployment.identity), deployment.epoch)
    return given_up


def _row() -> Deployment:
    """This database's row, made on its first use."""
    found = Deployment.objects.using("engine").first()
    if found is not None:
        return found
    made, _ = Deployment.objects.using("engine").get_or_create(pk=1, defaults={"identity": uuid.uuid4(), **_now()})
    return made


def _now() -> dict:
    with connections["engine"].cursor() as cursor:
        cursor.execute(IDENTITY)
        names = ("system_identifier", "timeline", "database_oid")
        return dict(zip(names, cursor.fetchone(), strict=True)) | {"name": settings.DEPLOYMENT_ID}


def _signs(deployment: Deployment, outside: dict) -> list[str]:
    signs = [
        f"{name} is {value}, it was {getattr(deployment, name)}"
        for name, value in _now().items()
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
    draft = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps({"identity": identity, "epoch": epoch}))
        draft.replace(path)
    except OSError as problem:
        # The other signs still hold; sending goes on.
        log.warning("EPOCH_FILE can't be written (%s): a disk snapshot put back in place would not be noticed", problem)


def _give_up_open(cursor) -> int:
    cursor.execute("SELECT id, workspace_id FROM delivery_batch WHERE finished_at IS NULL ORDER BY id FOR UPDATE")
    given_up = 0
    for batch_id, workspace_id in cursor.fetchall():
        cursor.execute(
            "UPDATE delivery_message SET state = 3, reason = 'restored', settled_at = now() "
            "WHERE batch_id = %s AND state = 0",
            [batch_id],
        )
        n = cursor.rowcount
        add_tallies(cursor, workspace_id, batch_id, {("unknown", "restored"): n})
        given_up += n
        cursor.execute("UPDATE delivery_lease SET state = 2, until = NULL WHERE batch_id = %s", [batch_id])
        cursor.execute("UPDATE delivery_batch SET filled_at = coalesce(filled_at, now()) WHERE id = %s", [batch_id])
    return given_up
