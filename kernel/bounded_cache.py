"""What a process remembers for all its threads, up to a number of entries: the oldest go first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class BoundedCache(Generic[Key, Value]):
    def __init__(self, most: int):
        self.most = most
        self._entries: OrderedDict[Key, Value] = OrderedDict()
        self._changing = threading.Lock()

    def get(self, key: Key) -> Value | None:
        return self._entries.get(key)

    def put(self, key: Key, value: Value) -> None:
        with self._changing:
            self._entries[key] = value
            self._entries.move_to_end(key)
            while len(self._entries) > self.most:
                self._entries.popitem(last=False)

    def clear(self) -> None:
        with self._changing:
            self._entries.clear()

    def __len__(self) -> int:
        return len(self._entries)
