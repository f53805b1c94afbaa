"""Who or what causes the changes of a transaction: a member, an import, a form, the person, a provider.

Triggers that note changes read it from the transaction's setting `fanfare.cause`, `<source>|<id>|<actor>`. So no
statement that changes something has to carry it. `kernel.tenancy.scope` sets it together with the context of the
workspace. It is information and no safety: nothing is allowed or refused by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db.backends.utils import CursorWrapper

_cause: ContextVar[str] = ContextVar("cause", default="")


def current() -> str:
    """The setting's value; empty where nobody said what causes the changes: then it is Fanfare itself."""
    return _cause.get()


@contextmanager
def caused_by(
    source: str,
    *,
    source_id: int | None = None,
    actor_id: int | None = None,
    cursor: CursorWrapper | None = None,
) -> Iterator[None]:
    """Say what causes the changes of the scopes inside. `source_id`: which import or form; `actor_id`: the user's id.

    `cursor` is of a transaction that has begun already, or of the engine's: it is told, too, and told again at the end
    what held before.
    """
    token = _cause.set("|".join(str(part or "") for part in (source, source_id, actor_id)))
    try:
        _tell(cursor)
        yield
    except BaseException:
        _cause.reset(token)  # the transaction ends here, and what it was told with it
        raise
    else:
        _cause.reset(token)
        _tell(cursor)


def _tell(cursor: CursorWrapper | None) -> None:
    if cursor is not None:
        cursor.execute("SELECT set_config('fanfare.cause', %s, true)", [current()])
