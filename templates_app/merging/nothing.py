"""What is empty is nothing.

For Liquid an empty text is something, and a name that nobody has is nothing. A merchant can't tell the two apart: the
first name that somebody left blank and the one that was never asked for both look like "no first name". So here a text
without a letter is false in conditions, has no value for `default`, and equals a name without a value. A literal is
what it says in comparisons: `x == ""` asks for an empty text, or for no value.

In place of three functions of the merge library, which has no setting for this.
"""

from __future__ import annotations

from typing import Any

from liquid.builtin.expressions import logical
from liquid.builtin.expressions.primitive import Blank
from liquid.builtin.filters import misc
from liquid.filter import liquid_filter
from liquid.undefined import is_undefined

_is_truthy, _equal = logical.is_truthy, logical._eq


def is_blank(value: object) -> bool:
    """Whether the value is a text without a letter."""
    return isinstance(value, str) and (not value or value.isspace())


def _is_true(value: object) -> bool:
    return _is_truthy(value) and not is_blank(value)


def _are_equal(left: object, right: object) -> bool:
    if isinstance(left, Blank) or isinstance(right, Blank):
        other = right if isinstance(left, Blank) else left
        # As in Shopify's Liquid, where nil and false are blank; the library has only texts and lists.
        return other is None or other is False or is_undefined(other) or _equal(left, right)
    if is_undefined(left):
        return right is None or is_undefined(right) or is_blank(right)
    if is_undefined(right):
        return left is None or is_blank(left)
    return _equal(left, right)


@liquid_filter
def default(value: Any, fallback: object = "", *, allow_false: bool = False) -> Any:
    """The value, or the fallback for one that is nil, false, empty or blank."""
    return fallback if is_blank(value) else misc.default(value, fallback, allow_false=allow_false)


logical.is_truthy = _is_true  # type: ignore[assignment]
logical._eq = _are_equal
