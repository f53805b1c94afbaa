"""Tables that grow without end are partitioned: what is old goes by dropping a partition, not by deleting rows.

An app declares a table in TABLES; a migration made it partitioned (`kernel.partition_migrations`). `maintain` makes the
next partitions ahead of time and drops those whose rows are older than the table's days. A default partition takes rows
for which none was made in time: nothing is lost, `maintain` moves them, and `problems` says so until then.

Queries name the table, never a partition. Permissions and row-level security of the table apply to them then. A
partition has the same policies, and nobody but the owner and the backup role may name it at all.

There is no pg_partman: the embedded server has no extensions.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from django.apps import AppConfig
from django.db import OperationalError, connections, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone
from psycopg import sql
from psycopg.errors import LockNotAvailable

from kernel import rls, roles
from kernel.extensions import Extensions

Bound = Any  # what a range begins or ends with: an id or a time; None for MINVALUE

LOCK_WAIT = "3s"  # every query on the table waits behind this one, so it gives up soon and comes again
ANALYZE_HOURS = 24


class Ranges(Protocol):
    """How a table is cut. A range has its first value and not its end."""

    def read(self, text: str) -> Bound:
        """A bound, from PostgreSQL's text."""

    def suffix(self, low: Bound) -> str:
        """The end of the name of the partition that begins there."""

    def end(self, cursor: CursorWrapper, low: Bound) -> Bound:
        """Where a partition that begins at `low` should end."""

    def around(self, cursor: CursorWrapper, value: Any, floor: Bound, ceiling: Bound) -> tuple[Bound, Bound]:
        """The range for a value that no partition takes, between the ends of its neighbours; None: there is none."""

    def reach(self, cursor: CursorWrapper) -> tuple[Bound, Bound]:
        """How far partitions must reach now, and how far `maintain` makes them reach."""

    def ended_at(self, cursor: CursorWrapper, high: Bound) -> datetime | None:
        """Until when rows came into the range that ends with `high`. None: they still may."""


@dataclass(frozen=True)
class ByMonth:
    """Months (UTC) of a column with a time."""

    def read(self, text: str) -> datetime:
        return datetime.fromisoformat(text)

    def suffix(self, low: datetime) -> str:
        return f"{low:%Y_%m}"

    def end(self, cursor: CursorWrapper, low: datetime) -> datetime:
        return next_month(low)

    def around(self, cursor: CursorWrapper, value: datetime, floor: Bound, ceiling: Bound) -> tuple[Bound, Bound]:
        low = first_of_month(value)
        return low, next_month(low)

    def reach(self, cursor: CursorWrapper) -> tuple[datetime, datetime]:
        coming = next_month(first_of_month(timezone.now()))
        return next_month(coming), next_month(next_month(coming))

    def ended_at(self, cursor: CursorWrapper, high: datetime) -> datetime:
        return high


@dataclass(frozen=True)
class ByIds:
    """Ranges of ids that another table gives out in the order of time: `clock`, whose column `at` says when. A range is
    about as long as a month needs lately, and never shorter than MIN_IDS."""

    clock: str
    at: str = "created_at"

    MIN_IDS = 10_000

    def read(self, text: str) -> int:
        return int(text)

    def suffix(self, low: int | None) -> str:
        return f"from_{low}"

    def end(self, cursor: CursorWrapper, low: int) -> int:
        return max(low, self._newest(cursor)) + self._step(cursor)

    def around(self, cursor: CursorWrapper, value: int, floor: Bound, ceiling: Bound) -> tuple[Bound, Bound]:
        if ceiling is not None:
            return floor, ceiling
        return floor, max(value + 1, self.end(cursor, floor))

    def reach(self, cursor: CursorWrapper) -> tuple[int, int]:
        newest = self._newest(cursor)
        return newest + self.MIN_IDS // 2, newest + self._step(cursor)

    def ended_at(self, cursor: CursorWrapper, high: int) -> datetime | None:
        cursor.execute(f"SELECT {self.at} FROM {self.clock} WHERE id >= %s ORDER BY id LIMIT 1", [high])  # noqa: S608
        row = cursor.fetchone()
        return row[0] if row else None

    def _newest(self, cursor: CursorWrapper) -> int:
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {self.clock}")  # noqa: S608
        return cursor.fetchone()[0]

    def _step(self, cursor: CursorWrapper) -> int:
        """Reads the rows of the last 30 days only, from the newest on."""
        cursor.execute(
            f"SELECT coalesce(max(id) - coalesce((SELECT id FROM {self.clock} WHERE {self.at} < now() - interval "  # noqa: S608
            f"'30 days' ORDER BY id DESC LIMIT 1), min(id)), 0) FROM {self.clock}"
        )
        lately = cursor.fetchone()[0]
        return max(self.MIN_IDS, -(-lately // 1000) * 1000)


@dataclass(frozen=True, eq=False)
class Partitioned:
    """A partitioned table. `keep_days`: days after which a partition without younger rows is dropped; 0: never.
    `storage`: storage parameters of its partitions."""

    table: str
    column: str
    ranges: Ranges
    label: Any  # how the admin calls its rows
    keep_days: Callable[[], int]
    storage: str = ""

    @property
    def default(self) -> str:
        return f"{self.table}_default"


TABLES: Extensions[Partitioned] = Extensions(
    "partitioned tables", "Tables whose partitions are made ahead of time and dropped when they are old."
)


@dataclass(frozen=True)
class Partition:
    name: str
    low: Bound  # None: it has no lower end
    high: Bound
    is_default: bool
    rows: int  # as of the last ANALYZE; -1 before the first
    size: int  # bytes, with indexes

    @property
    def estimated_rows(self) -> int:
        return max(0, self.rows)

    @property
    def range_text(self) -> str:
        if self.is_default:
            return "default"
        low, high = (end.date() if isinstance(end, datetime) else end for end in (self.low, self.high))
        return f"below {high}" if low is None else f"{low} to {high}"


class Busy(Exception):
    """Raised where somebody holds a lock on the table for longer than LOCK_WAIT. Nothing was changed."""


def partitions(cursor: CursorWrapper, table: Partitioned) -> list[Partition]:
    """The default partition first, then the others by their range."""
    cursor.execute(
        "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid), c.reltuples::bigint, pg_total_relation_size(c.oid) "
        "FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass(%s)",
        [table.table],
    )
    found = []
    for name, bounds, rows, size in cursor.fetchall():
        low, high = _read(table, bounds)
        found.append(Partition(name, low, high, bounds == "DEFAULT", rows, size))
    return sorted(found, key=lambda part: (not part.is_default, part.low is not None, part.low))


def _read(table: Partitioned, bounds: str) -> tuple[Bound, Bound]:
    """Of "FOR VALUES FROM ('1') TO ('9')"; (None, None) for DEFAULT."""
    ends = re.findall(r"(?:FROM|TO) \(('[^']*'|\w+)\)", bounds) or ["MINVALUE", "MINVALUE"]
    low, high = (None if end == "MINVALUE" else table.ranges.read(end.strip("'")) for end in ends)
    return low, high


def problems(cursor: CursorWrapper, table: Partitioned) -> Iterator[str]:
    """What is wrong with a table's partitions, in sentences for the operator."""
    found = partitions(cursor, table)
    if not found:
        yield f"{table.table} is not partitioned"
        return
    if not found[0].is_default:
        yield f"{table.table} has no default partition"
    elif _strays(cursor, table) is not None:
        yield f"{table.default} has rows for which no partition was made in time"
    if _end(found) is None or _end(found) < table.ranges.reach(cursor)[0]:
        yield f"{table.table} lacks its next partition"


def maintain() -> list[str]:
    """Bring all tables up to date. Returns what was done, in sentences. Can be repeated, also by two machines at once.
    Raises Busy if a table could not be locked, after the others were done."""
    done, busy = [], None
    for table in TABLES:
        try:
            while (did := _one_step(table)) is not None:
                done.append(did)
            _analyze(table)
        except Busy as problem:
            busy = problem
    if busy is not None:
        raise busy
    return done


def maintain_after_migrate(sender: AppConfig, using: str, **kwargs) -> None:
    """post_migrate is sent once per app, after all tables exist. Acting on one of them is enough. All is migrated then:
    a table that is in use is left to the hourly job."""
    if using == "owner" and sender.label == "accounts":
        with contextlib.suppress(Busy):
            maintain()


@contextlib.contextmanager
def _not_waiting(table: Partitioned) -> Iterator[CursorWrapper]:
    """A transaction that gives up on locks soon. Raises Busy."""
    try:
        with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'")
            yield cursor
    except OperationalError as problem:
        if not isinstance(problem.__cause__, LockNotAvailable):  # its text is in the server's language
            raise
        raise Busy(f"{table.table} is in use: {problem}".strip()) from None


def _one_step(table: Partitioned) -> str | None:
    """Make the most urgent change, in a transaction of its own. None: there is nothing to do."""
    with _not_waiting(table) as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('fanfare partitions'))")
        found = partitions(cursor, table)
        if not found:
            return None  # its migration has not run yet
        return _keep_default(cursor, table, found) or _extend(cursor, table, found) or _drop(cursor, table, found)


def _keep_default(cursor: CursorWrapper, table: Partitioned, found: list[Partition]) -> str | None:
    """There is a default partition, and it is empty."""
    if not found[0].is_default:
        create(cursor, table, table.default)
        _attach(cursor, table, table.default, "DEFAULT")
        return f"{table.default}: made"
    stray = _strays(cursor, table)
    if stray is None:
        return None
    floor = max((part.high for part in found[1:] if part.high <= stray), default=None)
    ceiling = min((part.low for part in found[1:] if part.low is not None and part.low > stray), default=None)
    return _make(cursor, table, *table.ranges.around(cursor, stray, floor, ceiling))


def _strays(cursor: CursorWrapper, table: Partitioned) -> Any:
    """The lowest value in the default partition, or None."""
    cursor.execute(f"SELECT min({table.column}) FROM {table.default}")  # noqa: S608
    return cursor.fetchone()[0]


def _end(found: list[Partition]) -> Bound:
    return max((part.high for part in found if not part.is_default), default=None)


def _extend(cursor: CursorWrapper, table: Partitioned, found: list[Partition]) -> str | None:
    end = _end(found)
    if end is None or end >= table.ranges.reach(cursor)[1]:
        return None
    return _make(cursor, table, end, table.ranges.end(cursor, end))


def _make(cursor: CursorWrapper, table: Partitioned, low: Bound, high: Bound) -> str:
    """Make the partition, with the rows of its range that the default one took meanwhile."""
    name = f"{table.table}_{table.ranges.suffix(low) if low is not None else 'first'}"
    create(cursor, table, name)
    if _strays(cursor, table) is None:
        # Queries on the table go on meanwhile. Rows that come just now make this fail, and the next run moves them.
        _attach(cursor, table, name, bounds_sql(low, high))
        return f"{name}: made"
    where = sql.SQL("{} < {}").format(sql.Identifier(table.column), sql.Literal(high))
    if low is not None:
        where += sql.SQL(" AND {} >= {}").format(sql.Identifier(table.column), sql.Literal(low))
    cursor.execute(f"ALTER TABLE {table.table} DETACH PARTITION {table.default}")
    moving = sql.SQL("WITH moved AS (DELETE FROM {} WHERE {} RETURNING *) INSERT INTO {} SELECT * FROM moved")
    cursor.execute(moving.format(sql.Identifier(table.default), where, sql.Identifier(name)))
    moved = cursor.rowcount
    _attach(cursor, table, name, bounds_sql(low, high))
    _attach(cursor, table, table.default, "DEFAULT")
    return f"{name}: made, {moved} rows moved into it"


def bounds_sql(low: Bound, high: Bound) -> str:
    first = "MINVALUE" if low is None else sql.Literal(low).as_string()
    return f"FOR VALUES FROM ({first}) TO ({sql.Literal(high).as_string()})"


def create(cursor: CursorWrapper, table: Partitioned, name: str) -> None:
    """A table like the others, protected like them, which is no partition yet."""
    storage = f" WITH ({table.storage})" if table.storage else ""
    cursor.execute(f"CREATE TABLE {name} (LIKE {table.table} INCLUDING ALL EXCLUDING IDENTITY){storage}")
    protect(cursor, name)


def protect(cursor: CursorWrapper, name: str) -> None:
    """Whoever names the partition meets the same policies as at the table; and only the backup role may read it."""
    cursor.execute(rls.PROTECT.format(table=name))
    roles.keep_to_owner(cursor, name)


def _attach(cursor: CursorWrapper, table: Partitioned, name: str, bounds: str) -> None:
    cursor.execute(f"ALTER TABLE {table.table} ATTACH PARTITION {name} {bounds}")


def _drop(cursor: CursorWrapper, table: Partitioned, found: list[Partition]) -> str | None:
    """Drop the oldest partition if all its rows are older than the table's days."""
    days = table.keep_days()
    oldest = next((part for part in found if not part.is_default), None)
    if not days or oldest is None or len(found) <= 2:  # the default partition, and one that rows go to
        return None
    ended = table.ranges.ended_at(cursor, oldest.high)
    if ended is None or ended > timezone.now() - timedelta(days=days):
        return None
    cursor.execute(f"ALTER TABLE {table.table} DETACH PARTITION {oldest.name}")
    cursor.execute(f"DROP TABLE {oldest.name}")
    return f"{oldest.name}: dropped, its rows were older than {days} days"


def _analyze(table: Partitioned) -> None:
    """Autovacuum looks at partitions only; joins are planned by the statistics of the whole table."""
    with _not_waiting(table) as cursor:
        cursor.execute(
            "SELECT c.relkind = 'p' AND coalesce(s.last_analyze < now() - make_interval(hours => %s), true) "
            "FROM pg_class c LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid WHERE c.oid = to_regclass(%s)",
            [ANALYZE_HOURS, table.table],
        )
        row = cursor.fetchone()
        if row and row[0]:
            cursor.execute(f"ANALYZE {table.table}")


def first_of_month(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(first: datetime) -> datetime:
    return first_of_month(first + timedelta(days=32))
