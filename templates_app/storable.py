"""What of a merchant's HTML is stored: one answer for the form, its live preview, and imports."""

from __future__ import annotations

from django.utils.translation import gettext as _

from templates_app.merging import MergeError, check
from templates_app.sanitising import Sanitised, Unsafe, sanitise
from templates_app.sanitising.moved_tags import first_moved, line_of

MAX_CHARACTERS = 500_000


class NotStorable(ValueError):
    """Raised for HTML that can't be stored. The message says what to do."""


def storable(html: str) -> Sanitised:
    """The HTML as it is stored, and what was taken out of it. Raises NotStorable, also for merge tags that can't be
    read: nothing is stored that could not be sent."""
    if len(html) > MAX_CHARACTERS:
        raise NotStorable(
            _("This HTML is %(size)d KB; the limit is %(most)d KB. Put images on a server and link to them.")
            % {"size": len(html) // 1000, "most": MAX_CHARACTERS // 1000}
        )
    check_tags(html, html=True)
    try:
        sanitised = sanitise(html.removeprefix("\ufeff"))
    except Unsafe:
        raise NotStorable(
            _("This HTML isn't safe to send. Remove scripts and other unusual code, then save again.")
        ) from None
    except ValueError as problem:
        raise NotStorable(str(problem)) from None
    try:
        check(sanitised.html, html=True)
    except MergeError as problem:
        raise NotStorable(_explained(html, sanitised.html, problem)) from None
    return sanitised


def check_tags(source: str, *, html: bool) -> None:
    """Raises NotStorable for merge tags that can't be read."""
    try:
        check(source, html=html)
    except MergeError as problem:
        raise NotStorable(str(problem)) from None


def is_same(written: str, stored: str) -> bool:
    """Whether a form's text is what stood there. Browsers send the lines of a text with CR LF."""
    return written.replace("\r\n", "\n") == stored.replace("\r\n", "\n")


def _explained(written: str, cleaned: str, problem: MergeError) -> str:
    """What is wrong, by the merchant's own lines: those of the cleaned text are unknown to them."""
    moved = first_moved(written, cleaned)
    if moved is None:
        return str(problem)
    return _(
        "Line %(line)d: HTML can't keep “%(tag)s” where it is, so its other half would be missing. Put both into "
        "the same part of the message."
    ) % {"line": line_of(written, moved.start), "tag": moved.source}
