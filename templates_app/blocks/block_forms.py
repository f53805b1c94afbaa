"""The properties of a block as forms on the editor's page, and what the page sends back."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.http import QueryDict

from kernel import parameters
from templates_app.blocks import conditions
from templates_app.blocks.block_type import BlockForm, BlockType
from templates_app.blocks.conditions import ConditionForm
from templates_app.blocks.documents import MAX_ITEMS, Block

IDS = "block-%s"


@dataclass
class Forms:
    """The form of a block, one for each of its items, and who gets it; None for a block that everybody has to get."""

    block: BlockForm
    items: list[BlockForm] = field(default_factory=list)
    condition: BlockForm | None = None

    @property
    def each(self) -> list[BlockForm]:
        return [self.block, *self.items, *([self.condition] if self.condition else [])]


def shown(kind: BlockType, props: dict[str, Any]) -> Forms:
    """Forms that show the properties."""
    forms = Forms(kind.form(initial=props, auto_id=IDS))
    if kind.is_removable:
        forms.condition = conditions.form_of(props, auto_id=IDS)
    if kind.item_form is not None:
        forms.items = [
            kind.item_form(initial=item, prefix=_prefix(number), auto_id=IDS)
            for number, item in enumerate(props.get("items", []))
        ]
    return forms


def given(kind: BlockType, props: dict[str, Any]) -> Forms:
    """Forms bound to properties as a document has them."""
    forms = Forms(kind.form(props, auto_id=IDS))
    if kind.is_removable:
        forms.condition = conditions.given(props, auto_id=IDS)
    if kind.item_form is not None:
        listed = props.get("items")
        items = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
        items = items[: kind.most_items]
        items += [{} for _missing in range(kind.least_items - len(items))]
        forms.items = [
            kind.item_form({f"{_prefix(number)}-{name}": value for name, value in item.items()}, prefix=_prefix(number))
            for number, item in enumerate(items)
        ]
    return forms


def props_of(forms: Forms, before: dict[str, Any] | None = None) -> dict[str, Any]:
    """The cleaned properties. Of a field that isn't valid, what it was `before`."""
    before = before or {}
    props = {**_known(forms.block, before), **_cleaned(forms.block)}
    if forms.condition is not None:
        props |= conditions.cleaned(forms.condition, before)
    if forms.items:
        old = [item for item in before.get("items", []) if isinstance(item, dict)]
        old += [{}] * (len(forms.items) - len(old))
        props["items"] = [{**_known(form, was), **_cleaned(form)} for form, was in zip(forms.items, old, strict=False)]
    return props


def errors_of(forms: Forms) -> list[str]:
    """What is wrong, a sentence for each field."""
    return [
        f"{form.fields[name].label}: {problem}"
        for form in forms.each
        for name, problems in form.errors.items()
        for problem in problems
    ]


class Posted:
    """What a page sent for a block: its properties, and perhaps a press on "Add" or "Remove" of an item."""

    def __init__(self, kind: BlockType, block: Block, data: QueryDict):
        self._kind, self._before, self._data = kind, block.props, data
        self._forms = Forms(kind.form(data, auto_id=IDS))
        self._numbers: list[int] = []
        if kind.is_removable:
            # A page that was opened before there were conditions sends none: the block keeps its own.
            is_sent = f"{conditions.PREFIX}-field" in data
            self._forms.condition = (
                ConditionForm(data, prefix=conditions.PREFIX, auto_id=IDS) if is_sent else conditions.given(block.props)
            )
        if kind.item_form is not None:
            sent = [number for number in parameters.numbers(data, "item") if number < MAX_ITEMS]
            self._numbers = list(dict.fromkeys(sent))[: kind.most_items] or list(range(kind.least_items))
            self._forms.items = [kind.item_form(data, prefix=_prefix(number)) for number in self._numbers]
        self.errors = errors_of(self._forms)

    @cached_property
    def props(self) -> dict[str, Any]:
        props = props_of(self._forms, {**self._before, "items": self._items_before()})
        if self._kind.item_form is not None:
            props["items"] = self._with_presses(props.get("items", []))
        return props

    @property
    def has_new_fields(self) -> bool:
        """Whether the page needs the properties again: an item has come or gone. Not while something can't be saved:
        what was typed would go with the old fields."""
        return ("add" in self._data or "remove" in self._data) and not self.errors

    def is_conflict(self, mark: str) -> bool:
        """Whether somebody else has changed the block since the page got it, and the reader doesn't know."""
        opened = parameters.text(self._data, "opened")
        return opened != mark and "overwrite" not in self._data and self.props != self._before

    def _items_before(self) -> list[dict[str, Any]]:
        """The items as they were, in the order of those that the page sent."""
        stored = self._before.get("items", [])
        return [stored[number] if number < len(stored) else {} for number in self._numbers]

    def _with_presses(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if not self.has_new_fields:
            return items
        removed = parameters.number(self._data, "remove")
        if removed in self._numbers and len(items) > self._kind.least_items:
            del items[self._numbers.index(removed)]
        if "add" in self._data and len(items) < self._kind.most_items:
            items.append(self._kind.example()["items"][0])
        return items


def _prefix(number: int) -> str:
    return f"item{number}"


def _cleaned(form: BlockForm) -> dict[str, Any]:
    form.is_valid()
    return dict(form.cleaned_data)


def _known(form: BlockForm, props: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in props.items() if name in form.fields}
