"""What saving would take out of a merchant's HTML, each with its place."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from templates_app.merging.structure import line_of
from templates_app.reading.findings import ERROR, MAX_FINDINGS, WARNING, Finding
from templates_app.sanitising import Removal, Unsafe, sanitise


def removals(html: str) -> list[Finding]:
    """By place. One finding for each kind of thing, at the first of them."""
    try:
        found = sanitise(html).removals
    except Unsafe:
        text = _("This HTML isn't safe to send. Remove scripts and other unusual code, then save again.")
        return [Finding("html", ERROR, 1, 1, text)]
    except ValueError as problem:
        return [Finding("html", ERROR, 1, 1, str(problem))]
    findings = [Finding("html", WARNING, *_place(html, removal), _about(removal)) for removal in found]
    return sorted(findings, key=lambda finding: (finding.line, finding.column))[:MAX_FINDINGS]


def _place(html: str, removal: Removal) -> tuple[int, int]:
    """Line and column of the first of what is removed, or of the text's beginning if it can't be told."""
    name = re.escape(removal.name)
    patterns = {
        "tag": rf"</?{name}(?![\w:-])",
        "replaced": rf"<{name}(?![\w:-])",
        "attribute": rf"(?<=[\s\"'/]){name}(?=\s*=|[\s/>])",
        "link": rf"(?<=[\s\"'/]){name}(?=\s*=)",
        "property": rf"(?<![\w-]){name}(?=\s*:)",
        "css-url": rf"(?<![\w-]){name}(?=\s*:)",
        "rule": name,
    }
    pattern = patterns.get(removal.kind)
    found = re.search(pattern, html, re.IGNORECASE) if pattern else None
    return line_of(html, found.start()) if found else (1, 1)


def _about(removal: Removal) -> str:
    details = {"name": removal.name, "within": removal.within}
    if removal.kind == "tag":
        text = _("<%(name)s> is taken out when you save: mail programs refuse it.")
    elif removal.kind == "attribute":
        text = _("The attribute %(name)s of <%(within)s> is taken out when you save: it isn't one of e-mails.")
    elif removal.kind == "property":
        text = _("The CSS property %(name)s is taken out when you save: it isn't one of e-mails.")
    elif removal.kind == "link":
        text = _("This address of <%(within)s> isn't safe and is taken out when you save. Begin it with https://.")
    else:
        return _("When you save: %(what)s.") % {"what": removal.text}
    return text % details
