"""Looking for work costs what there is to do, however many workspaces have sent before."""

import json

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections

from delivery import batching
from delivery.models import Batch, Lease
from delivery.sending import leases
from kernel.tenancy import scope
from tests.delivery.batches import start
from tests.delivery.statements import pages

IDLE = 1_000  # emptying the tables afterwards takes a minute with 10,000
MAX_PAGES = 200  # for one workspace with work; 1,000 look-ups would be 2,000 and more

# Copies of a workspace, with a batch that has one lease. Their ids begin at a million.
COPY_WORKSPACE = """
INSERT INTO accounts_workspace
SELECT (jsonb_populate_record(w, jsonb_build_object('id', 1000000 + n, 'slug', 'idle-' || n))).*
FROM accounts_workspace w, generate_series(1, %s) n WHERE w.id = %s"""
COPY_QUEUE = """
INSERT INTO delivery_workspacequeue (workspace_id, served_at)
SELECT 1000000 + n, now() - interval '2 days' FROM generate_series(1, %s) n"""
COPY_ACCOUNT = """
INSERT INTO delivery_provideraccount
SELECT (jsonb_populate_record(a, jsonb_build_object('id', 1000000 + n, 'workspace_id', 1000000 + n))).*
FROM delivery_provideraccount a, generate_series(1, %s) n WHERE a.id = %s"""
COPY_CONTENT = """
INSERT INTO templates_app_content
SELECT (jsonb_populate_record(c, jsonb_build_object('id', 1000000 + n, 'workspace_id', 1000000 + n))).*
FROM templates_app_content c, generate_series(1, %s) n WHERE c.id = %s"""
COPY_BATCH = """
INSERT INTO delivery_batch
SELECT (jsonb_populate_record(b, jsonb_build_object('id', 1000000 + n, 'workspace_id', 1000000 + n,
        'account_id', 1000000 + n, 'content_id', 1000000 + n) || %s::jsonb)).*
FROM delivery_batch b, generate_series(1, %s) n WHERE b.id = %s"""
COPY_LEASE = """
INSERT INTO delivery_lease
SELECT (jsonb_populate_record(l, jsonb_build_object('id', 1000000 + n, 'workspace_id', 1000000 + n,
        'batch_id', 1000000 + n, 'state', %s))).*
FROM delivery_lease l, generate_series(1, %s) n WHERE l.batch_id = %s"""


def copy(batch: Batch, n: int, lease: Lease.State, **fields) -> None:
    """n more workspaces, each with a batch like this one, except for these fields."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(COPY_WORKSPACE, [n, batch.workspace_id])
        cursor.execute(COPY_QUEUE, [n])
        cursor.execute(COPY_ACCOUNT, [n, batch.account_id])
        cursor.execute(COPY_CONTENT, [n, batch.content_id])
        cursor.execute(COPY_BATCH, [json.dumps(fields, cls=DjangoJSONEncoder), n, batch.pk])
        cursor.execute(COPY_LEASE, [int(lease), n, batch.pk])


def test_workspaces_that_have_nothing_to_send_are_not_asked(filled, without_autovacuum):
    copy(filled, IDLE, Lease.State.DONE, state=Batch.State.FINISHED, finished_at=filled.created_at)
    assert pages(leases.WAITING, {"busy": []}) < MAX_PAGES  # PostgreSQL knows nothing about these tables yet
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE delivery_batch, delivery_lease, delivery_workspacequeue, delivery_provideraccount")
    assert pages(leases.WAITING, {"busy": []}) < MAX_PAGES
    assert leases.claim("w").batch_id == filled.pk
    assert pages(leases.WAITING, {"busy": []}) < MAX_PAGES  # nothing is due any more
    assert leases.claim("w") is None


def test_paused_campaigns_of_many_workspaces_hold_up_nobody(filled, acme):
    """They have waited longest, and there are more of them than a lane looks at."""
    copy(filled, 60, Lease.State.FREE, is_paused=True)
    assert leases.claim("w").batch_id == filled.pk


def test_accounts_that_rest_hold_up_nobody(filled):
    copy(filled, 60, Lease.State.FREE)
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE delivery_provideraccount SET retry_at = now() + interval '1 hour' WHERE id > 1000000")
    assert leases.claim("w").batch_id == filled.pk


def test_a_workspaces_paused_campaign_does_not_hide_another_one(filled, acme):
    with scope(acme):
        batching.pause(filled)
    assert leases.claim("w") is None
    assert not leases.is_any_due()
    other = start(acme, people=["new@example.com"])
    batching.fill(other.pk)
    assert leases.is_any_due()
    assert leases.claim("w").batch_id == other.pk
