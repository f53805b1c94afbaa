"""How an app adds something to another one: points that the lower app declares and the higher apps add to.

Imports point down the list of apps, so a lower app can't ask a higher one for anything. Instead it declares a point
(`SECTIONS = Extensions("subject data", "...")`), and higher apps add to it in their `AppConfig.ready()`. This is the
only mechanism for that; `manage.py extensions` prints every point with what was added, and
tests/architecture/test_extensions.py holds which models must be named where.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

_points: dict[str, Extensions] = {}


class AlreadyAdded(Exception):
    """Two extensions of one point have the same key."""


class Extensions(Generic[T]):
    """One point: an ordered collection of what apps added, by key.

    `name` is how `manage.py extensions` calls it, `meaning` a sentence that says what an extension is and when it is
    used. The key of a function is its dotted name unless another one is given.
    """

    def __init__(self, name: str, meaning: str):
        self.name, self.meaning = name, meaning
        self._items: dict[str, T] = {}
        _points[name] = self

    def add(self, item: T, key: str = "") -> T:
        """Raises AlreadyAdded. Returns the item, so that it can decorate a function."""
        key = key or f"{item.__module__}.{item.__qualname__}"  # type: ignore[attr-defined]  # functions without a key
        if key in self._items:
            raise AlreadyAdded(f"{self.name}: {key}")
        self._items[key] = item
        return item

    def remove(self, key: str) -> None:
        """For tests, which add and take away again."""
        del self._items[key]

    def get(self, key: str) -> T | None:
        return self._items.get(key)

    def names(self) -> list[str]:
        return list(self._items)

    def items(self) -> list[tuple[str, T]]:
        return list(self._items.items())

    def __getitem__(self, key: str) -> T:
        return self._items[key]

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __iter__(self) -> Iterator[T]:
        return iter(list(self._items.values()))

    def __len__(self) -> int:
        return len(self._items)


def points() -> list[Extensions]:
    """All points, by name."""
    return [_points[name] for name in sorted(_points)]
