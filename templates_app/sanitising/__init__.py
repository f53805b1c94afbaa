"""Makes a merchant's e-mail document safe to store, preview and publish.

`sanitise` keeps what e-mail clients need (doctype, head, media queries, Outlook comments, Liquid merge tags) and
removes everything that could run or load code. An unrelated HTML parser then reads the result. If it finds something
forbidden, `Unsafe` is raised, and the document must not be stored.
"""

from dataclasses import dataclass

from django.utils.translation import gettext

from .document import clean_once
from .limits import MAX_ELEMENTS, check_size
from .reporting import Removal, Report
from .verifying import Unsafe, verify

__all__ = ["Removal", "Sanitised", "Unsafe", "sanitise"]

MAX_PASSES = 8


@dataclass(frozen=True)
class Sanitised:
    """`removed`: a sentence for each thing that was taken out, and no more than fit on a page; `removals`: all."""

    html: str
    removed: tuple[str, ...]
    removals: tuple[Removal, ...] = ()


def sanitise(document: str, *, most_elements: int = MAX_ELEMENTS) -> Sanitised:
    """Return the safe document and what was taken out of it. `most_elements`: how many elements and comments it may
    have, with those that HTML adds.

    Raises ValueError (with a message for the merchant) for a document that is too large or too deeply nested,
    and Unsafe when the second parser objects.
    """
    check_size(document)
    report = Report()
    html = _settle(document, report, most_elements)
    verify(html)
    return Sanitised(html=html, removed=report.sentences(), removals=report.removals())


def _settle(document: str, report: Report, most_elements: int) -> str:
    """Repeat the pass until it changes nothing. So cleaning a stored document again does not change it."""
    for _ in range(MAX_PASSES):
        cleaned = clean_once(document, report, most_elements)
        check_size(cleaned)
        if cleaned == document:
            return cleaned
        document = cleaned
    raise Unsafe(gettext("The message can't be read reliably. Simplify its nesting and try again."))
