"""A change that a finding of the checks offers: one press, in one block."""

from __future__ import annotations

import html
import re
from copy import deepcopy
from typing import Any

from django.utils.translation import gettext as _

from templates_app.blocks import conditions
from templates_app.blocks.documents import Block
from templates_app.blocks.editing import NotPossible

MOST = 3000  # characters of what is replaced or written
_PROP = re.compile(r"(?:items\.(?P<number>\d{1,2})\.)?(?P<name>[a-z_]{1,40})")


def mended(block: Block, *, old: str = "", new: str = "", prop: str = "") -> Block:
    """The block with `new` as its property `prop` ("alt", or "items.1.alt" of the second item); without one, with
    `new` in place of `old` in all of its texts. Not cleaned yet. Raises NotPossible where nothing changes."""
    props = deepcopy(block.props)
    if prop:
        _set(props, prop, new)
    elif old:
        condition = {name: props.pop(name) for name in (conditions.KEY,) if name in props}  # nothing that is read
        props = {**_replaced(props, old, new), **condition}
    if props == block.props:
        raise NotPossible(_("This block was changed meanwhile. Look at the checks again."))
    return Block(block.type, props, block.id)


def _set(props: dict[str, Any], prop: str, value: str) -> None:
    found = _PROP.fullmatch(prop)
    if found is None:
        raise NotPossible(_("This block was changed meanwhile. Look at the checks again."))
    if found["number"] is None:
        props[found["name"]] = value
        return
    items = props.get("items", [])
    number = int(found["number"])
    if number >= len(items):
        raise NotPossible(_("This block was changed meanwhile. Look at the checks again."))
    items[number][found["name"]] = value


def _replaced(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {name: _replaced(one, old, new) for name, one in value.items()}
    if isinstance(value, list):
        return [_replaced(one, old, new) for one in value]
    if not isinstance(value, str):
        return value
    if old in value:
        return value.replace(old, new)
    # In formatted text an address is written as HTML writes it.
    return value.replace(html.escape(old), html.escape(new))
