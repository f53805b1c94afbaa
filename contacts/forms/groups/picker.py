"""A form field to choose among many objects: it shows what is chosen, and a search finds more.

With JavaScript (static/js/picker.js) the search answers while somebody types. Without it, the form is sent and comes
back with check boxes for what was found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from contacts.groups import pickers
from contacts.groups.pickers import Choice, Found, Kind


@dataclass
class Picker:
    """The state of the form field, for templates/contacts/groups/choices."""

    name: str
    label: str
    kinds: tuple[Kind, ...]
    chosen: list[Choice] = field(default_factory=list)
    several: bool = True
    search_text: str = ""
    found: list[Found] = field(default_factory=list)

    def search(self, text: str) -> Picker:
        """Search for the text. What is chosen already is not found again."""
        self.search_text = pickers.clean(text)
        self.found = [self._new(kind.find(self.search_text)) for kind in self.kinds]
        return self

    def search_sent(self, data: Mapping[str, Any]) -> Picker:
        """Search for the text that the form was sent with, if there is any."""
        text = data.get(self.search_name, "")
        return self.search(text) if pickers.clean(text) else self

    def _new(self, found: Found) -> Found:
        known = {(choice.kind.key, choice.key) for choice in self.chosen}
        new = [choice for choice in found.choices if (choice.kind.key, choice.key) not in known]
        return Found(found.kind, new, found.more)

    @property
    def search_name(self) -> str:
        """The name of the text field to search in."""
        return f"find-{self.name}"

    @property
    def query(self) -> str:
        """The query string of this picker for the page contacts:choices."""
        one = [] if self.several else [("one", "1")]
        return urlencode([("for", self.name), *(("of", kind.key) for kind in self.kinds), *one])

    @property
    def is_mixed(self) -> bool:
        """Whether there are several kinds. Then a value contains its kind, such as "tag:5"; else it is only the key."""
        return len(self.kinds) > 1

    @property
    def finds_nothing(self) -> bool:
        return not any(found.choices for found in self.found)

    @property
    def finds_more(self) -> bool:
        return any(found.more for found in self.found)
