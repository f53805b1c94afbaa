"""Bounds what filters take and make.

The library's filters work in single calls of C, which nothing can interrupt: a few `replace` in a row asked for 10^12
bytes. So what would be too large is refused before it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.exceptions import FilterArgumentError, LiquidError, ResourceLimitError
from liquid.limits import to_int
from markupsafe import Markup, escape, soft_str

MAX_CHARACTERS = 100_000  # of a text, and of all texts of a list
MAX_ITEMS = 2000  # of a list or a range; loops go no further either
MAX_BITS = 1024  # of a number
MAX_DATE_LENGTH = 200
# Searching from the end compares at every place (CPython has its fast search from the start only).
MAX_COMPARED = 5_000_000
TOO_LARGE = gettext_lazy("A loop is too long or makes the message too large. Shorten it.")


class OverBudget(ResourceLimitError):
    """Raised where a text costs more than it may. The message is for the merchant."""

    def __init__(self, text: str | Promise):
        super().__init__(text, token=None)


class Unusable(FilterArgumentError):
    """Raised for a value that a filter can't use. The message is for the merchant."""

    def __init__(self, text: str):
        super().__init__(text, token=None)


def call(name: str, function: Callable[..., object], value: object, *args: object, **kwargs: object) -> object:
    """What the library's filter makes of the value. Raises LiquidError."""
    for given in (value, *args, *kwargs.values()):
        check(given)
    if guard := GUARDS.get(name):
        guard(value, *args, **kwargs)
    try:
        made = function(value, *args, **kwargs)
    except (LiquidError, TypeError):
        raise
    except Exception as problem:  # the library lets through what its parsers raise on odd values
        raise Unusable(_("“%(filter)s” can't use this value.") % {"filter": name}) from problem
    check(made)
    return made


def check(value: object) -> None:
    """Raises LiquidError for a value that is too large to work with."""
    if isinstance(value, str):
        _refuse_if(len(value) > MAX_CHARACTERS)
    elif isinstance(value, list | tuple):
        _refuse_if(len(value) > MAX_ITEMS)
        _refuse_if(_characters(value) > MAX_CHARACTERS)
    elif isinstance(value, int):
        _refuse_if(value.bit_length() > MAX_BITS)


def _refuse_if(too_large: bool) -> None:
    if too_large:
        raise OverBudget(_("A filter makes a text or a list that is too large. Use shorter ones."))


def _characters(items: Iterable[object]) -> int:
    return sum([len(item) if isinstance(item, str) else 20 for item in items])


def _text(value: object) -> str:
    return "" if value is None else soft_str(value)


def _replace(value: object, seq: object, sub: object = "") -> None:
    text, old, new = _text(value), _text(seq), _text(sub)
    if isinstance(text, Markup):
        old, new = escape(old), escape(new)  # which Markup.replace does as well
    _refuse_if(len(text) + text.count(old) * max(len(new) - len(old), 0) > MAX_CHARACTERS)


def _split(value: object, separator: object) -> None:
    text, separator = _text(value), _text(separator)
    if separator in ("", " "):
        # Single characters, or words: there are no more of them than characters.
        _refuse_if(len(text) > MAX_ITEMS and (not separator or len(text.split(None, MAX_ITEMS)) > MAX_ITEMS))
    else:
        _refuse_if(text.count(separator) >= MAX_ITEMS)


def _join(value: object, separator: object = " ") -> None:
    if isinstance(value, Sequence) and not isinstance(value, str):
        longest = 6 if isinstance(separator, Markup) else 1  # the items are escaped then
        size = _characters(value) * longest + len(escape(_text(separator))) * len(value)
        _refuse_if(size > MAX_CHARACTERS)


def _from_the_end(value: object, seq: object = "", *_others: object) -> None:
    _refuse_if(len(_text(value)) * len(_text(seq)) > MAX_COMPARED)


def _date(value: object, form: object) -> None:
    _refuse_if(max(len(_text(value)), len(_text(form))) > MAX_DATE_LENGTH)


GUARDS: dict[str, Callable[..., None]] = {
    "replace": _replace,
    "split": _split,
    "join": _join,
    "remove_last": _from_the_end,
    "replace_last": _from_the_end,
    "date": _date,
}


def _range(_literal: RangeLiteral, start: Any, stop: Any) -> range:
    """In place of the library's: a range is gone through before any limit on loops is asked, where it is reversed,
    searched, or begun at an offset."""
    first, last = _number(start), _number(stop)
    if last - first >= MAX_ITEMS:
        raise OverBudget(TOO_LARGE)
    return range(first, last + 1)


def _number(value: Any) -> int:
    try:
        return to_int(value)
    except (ValueError, TypeError, OverflowError):
        return 0


RangeLiteral._make_range = _range  # type: ignore[method-assign, assignment]
