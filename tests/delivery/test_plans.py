"""What the hot statements read of a batch that PostgreSQL has no statistics about, beside many old messages.

A plan that reads the whole batch for each sub-batch costs a campaign of 20,000 most of its time, and nobody sees it once
the table is analysed. So the table is analysed before the batch is filled, and not after.
"""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from django.db import connections

from contacts.models import Suppression
from delivery import batching, folding, send_rules
from delivery.channels.base import Outcome, Result
from delivery.models import Batch, IncomingHit, Message
from delivery.sending import gate, leases, settling
from kernel import partitions as kernel_partitions
from kernel.tenancy import scope
from tests import factories
from tests.conftest import make_workspace
from tests.delivery.batches import start
from tests.delivery.statements import pages
from tests.partitions import execute, jump_beyond_all_partitions, open_batches

NEW = 20_000
SIZE = 10  # people who pass the gate together
#: 8 kB pages. A look-up by key costs three in the index and one in the table; the whole batch has a thousand and more.
MAX_PAGES_A_PERSON = 20
MAX_PAGES_A_PERSON_FILLED = 60


#: The messages that stand beside the batch: how many batches of how many messages, and to whom.
BESIDE = {
    "many old batches": (60, 1000, "later people"),
    "one old batch": (1, 60_000, "later people"),
    "old batches to the same people": (3, NEW, "the same people"),
    "old batches in partitions of their own": (6, 3000, "the same people"),
    "new installation": (0, 0, "nobody"),
}
FIRST = 1_000_000  # the id of the first person of the new batch
FIRST_OLD = {"the same people": FIRST, "later people": 100_000_000, "nobody": 1}


@pytest.fixture(params=BESIDE)
def lease(acme, alice, request, without_autovacuum, monkeypatch):
    """A claimed lease of a batch of NEW people, who were added and written to after the last ANALYZE, beside messages of
    other batches and people of another workspace."""
    batches, size, people = BESIDE[request.param]
    with scope(make_workspace("Globex", alice)):
        factories.contacts(2000)
        suppress(2000)
    with connections["owner"].cursor() as cursor:
        # Their ids are below those of all batches that exist.
        cursor.execute(
            "INSERT INTO delivery_message (workspace_id, batch_id, contact_id, state, round, tries, reason, detail) "
            "SELECT %s, -b, %s + n, %s, 0, 1, '', '' FROM generate_series(1, %s) b, generate_series(0, %s - 1) n",
            [acme.pk, FIRST_OLD[people], int(Message.State.ACCEPTED), batches, size],
        )
        if "partitions" in request.param:
            move_to_partitions(acme, batches, monkeypatch)
        cursor.execute("ANALYZE delivery_message, contacts_contact, contacts_suppression")
        # Of the tests before. Analysed while it held nothing but dead rows, a table counts as empty whatever its size.
        cursor.execute("VACUUM delivery_lease, delivery_batch, delivery_tally")
        cursor.execute("SELECT setval('contacts_contact_id_seq', %s, false)", [FIRST])
    batch = start(acme, n=NEW)
    with scope(acme):
        suppress(NEW)
    while not batching.fill(batch.pk):
        pass
    claimed = leases.claim("a test")
    assert claimed is not None and claimed.batch_id == batch.pk
    return claimed


def move_to_partitions(workspace, n: int, monkeypatch) -> None:
    """Give each old batch a partition, and what comes next another one."""
    monkeypatch.setattr(kernel_partitions.ByIds, "MIN_IDS", 100)
    for old in range(1, n + 1):
        jump_beyond_all_partitions()
        with scope(workspace):
            (new,) = open_batches(1)
        execute("UPDATE delivery_message SET batch_id = %s WHERE batch_id = %s", [new, -old])
        kernel_partitions.maintain()
    jump_beyond_all_partitions()
    with scope(workspace):
        open_batches(1)
    kernel_partitions.maintain()
    counts = execute("SELECT tableoid, count(*) FROM delivery_message GROUP BY 1")
    assert len(counts) == n


def suppress(n: int) -> None:
    """Put n addresses on the suppression list of the active workspace. None of them is a contact's."""
    Suppression.objects.bulk_create(
        [Suppression(recipient=f"gone{i}@x.example", reason=Suppression.Reason.MANUAL) for i in range(n)]
    )


def statement(monkeypatch, module, call) -> tuple[str, dict]:
    """The statement that a call of the module executes first, with its parameters."""
    executed = []

    class Cursor:
        def __enter__(self):
            return self

        def __exit__(self, *problem):
            return False

        def execute(self, sql, params=None):
            executed.append((sql, params))
            raise InterruptedError

    class Connections(dict):
        def cursor(self):
            return Cursor()

    with monkeypatch.context() as patch:
        patch.setattr(module, "connections", {"engine": Connections()})
        with pytest.raises(InterruptedError):
            call()
    return executed[0]


def rules_of(lease) -> dict:
    with scope(lease.workspace_id):
        return send_rules.params(Batch.objects.select_related("topic").get(pk=lease.batch_id))


def gate_statement(monkeypatch, lease) -> tuple[str, dict]:
    return statement(monkeypatch, gate, lambda: gate.pass_gate(lease, rules=rules_of(lease), size=SIZE))


def test_the_gate_reads_its_sub_batch_and_not_the_batch(lease, monkeypatch):
    assert pages(*gate_statement(monkeypatch, lease)) < SIZE * MAX_PAGES_A_PERSON


@pytest.mark.parametrize("result", [Result.ACCEPTED, Result.LATER])
def test_settling_reads_what_it_settles(lease, monkeypatch, result):
    people = gate.pass_gate(lease, rules=rules_of(lease), size=SIZE)
    outcomes = [(person.contact_id, Outcome(result)) for person in people]
    monkeypatch.setattr(settling, "transaction", SimpleNamespace(atomic=lambda using: nullcontext()))
    found = statement(monkeypatch, settling, lambda: settling.settle(lease, outcomes))
    assert pages(*found) < SIZE * MAX_PAGES_A_PERSON


def test_folding_reads_the_messages_of_its_hits(lease):
    people = gate.pass_gate(lease, rules=rules_of(lease), size=SIZE)
    with scope(lease.workspace_id):
        for person in people:
            IncomingHit.objects.create(
                batch_id=lease.batch_id, contact_id=person.contact_id, kind=IncomingHit.Kind.OPEN
            )
    assert pages(folding.FOLD, {"most": folding.MAX_HITS}) < SIZE * MAX_PAGES_A_PERSON


def test_filling_judges_its_chunk_and_not_everybody_who_is_left(lease, monkeypatch):
    monkeypatch.setattr(batching, "CHUNK", SIZE)
    with scope(lease.workspace_id):
        batch = Batch.objects.get(pk=lease.batch_id)
        middle = Message.objects.filter(batch=batch).order_by("contact_id")[NEW // 2].contact_id
        Message.objects.filter(batch=batch, contact_id__gt=middle).delete()
        Batch.objects.filter(pk=batch.pk).update(cursor=middle, filled_at=None)
    assert pages(*fill_statement(batch)) < SIZE * MAX_PAGES_A_PERSON_FILLED


def fill_statement(batch) -> tuple[str, dict]:
    """What `batching.fill` executes for the next chunk."""
    executed = []

    def watch(execute, sql, params, many, context):
        if "INSERT INTO delivery_message" in sql:
            executed.append((sql, params))
            raise InterruptedError
        return execute(sql, params, many, context)

    with connections["engine"].execute_wrapper(watch), pytest.raises(InterruptedError):
        batching.fill(batch.pk)
    return executed[0]
