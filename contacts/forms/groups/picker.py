"""A form field that chooses among many: what is chosen stands there, and a search finds more.

With JavaScript (static/js/picker.js) the search answers while typing; without, the form is sent and comes back with
what was found, to be ticked: what is ticked is chosen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlencode

from contacts.groups import pickers
from contacts.groups.pickers import Choice, Found, Kind


@dataclass
class Picker:
    """A form field's choosing, for templates/contacts/choices."""

    name: str
    label: str
    kinds: tuple[Kind, ...]
    chosen: list[Choice] = field(default_factory=list)
    several: bool = True
    words: str = ""
    found: list[Found] = field(default_factory=list)

    def search(self, words: str) -> Picker:
        """With what the words find; what is chosen already is not found again."""
        self.words = pickers.clean(words)
        self.found = [self._new(kind.find(self.words)) for kind in self.kinds]
        return self

    def search_sent(self, data) -> Picker:
        """The search of a form that was sent with something in its field."""
        words = data.get(self.search_name, "")
        return self.search(words) if pickers.clean(words) else self

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
        """What contacts:choices needs to know."""
        one = [] if self.several else [("one", "1")]
        return urlencode([("for", self.name), *(("of", kind.key) for kind in self.kinds), *one])

    @property
    def is_mixed(self) -> bool:
        """Several kinds: then a value names its kind, such as "tag:5", else it is the key alone."""
        return len(self.kinds) > 1

    @property
    def finds_nothing(self) -> bool:
        return not any(found.choices for found in self.found)

    @property
    def finds_more(self) -> bool:
        return any(found.more for found in self.found)
