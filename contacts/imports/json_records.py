"""Reads JSON as records: a list of objects, one object a line (JSON lines), or an object that holds such a list."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from contacts.fields.values import Exact
from contacts.imports.limits import Unreadable

MAX_OBJECT_LENGTH = 8_000_000  # characters, also of an object around a whole list
_BETWEEN = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()


def records(pieces: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """(number of the object, its values by column). Raises Unreadable for what is no list of objects."""
    number = 0
    for value in _values(pieces):
        objects = [value]
        if number == 0 and isinstance(value, dict) and (inner := _list_within(value)):
            objects = inner
        for one in objects:
            if not isinstance(one, dict):
                raise Unreadable(_("This JSON file holds no list of contacts. Export your contacts as CSV."))
            number += 1
            yield number, _flat(one)


def _values(pieces: Iterable[str]) -> Iterator[Any]:
    """The values of the file's list, or of its lines, one after the other."""
    source, buffer, at = iter(pieces), "", 0
    in_list = False
    while True:
        at = _BETWEEN.match(buffer, at).end()  # type: ignore[union-attr]  # it matches nothing, too
        sign = buffer[at : at + 1]
        if sign == "[" and not in_list:
            in_list, at = True, at + 1
            continue
        if sign == "]" and in_list:
            return
        try:
            value, at = _DECODER.raw_decode(buffer, at)
        except RecursionError:
            raise _damaged() from None
        except ValueError:  # it ends in the next piece
            piece = next(source, None)
            if piece is None and sign:
                raise _damaged() from None
            if piece is None:
                return
            buffer, at = buffer[at:] + piece, 0
            if len(buffer) > MAX_OBJECT_LENGTH:
                raise _damaged() from None
        else:
            yield value


def _damaged() -> Unreadable:
    return Unreadable(_("The JSON file is damaged or too deep. Export your contacts as CSV."))


def _list_within(value: dict) -> list | None:
    """The longest list of objects that an object holds, as of an API: {"contacts": [..], "total": 12}."""
    lists = [inner for inner in value.values() if isinstance(inner, list) and inner and isinstance(inner[0], dict)]
    wide = [inner for inner in lists if len(inner) * 2 > len(value)]
    return max(wide, key=len) if wide else None


def _flat(value: dict) -> dict[str, str]:
    """Its values as texts; the values of an object within it stand in columns of their own, "address city"."""
    flat: dict[str, str] = {}
    for name, inner in value.items():
        if isinstance(inner, dict):
            flat |= {storable(f"{name} {below}"): text(deep) for below, deep in inner.items()}
        else:
            flat[storable(name)] = text(inner)
    return flat


def text(value: Any) -> str:
    """A value of JSON as the text of a cell."""
    if isinstance(value, str):
        return storable(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return Exact(value)
    if isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
        return "; ".join(map(text, value))
    return storable(json.dumps(value, ensure_ascii=False)) if isinstance(value, dict | list) else str(value)


def storable(text: str) -> str:
    """The text with U+FFFD for what escapes may write and no text can hold: NUL, and halves of a surrogate pair, as of
    an emoji that was cut. Such values are treated as those that can't be decoded."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")
