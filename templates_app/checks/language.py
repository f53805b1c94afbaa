"""Whether the message says in which language it is: screen readers choose their voice by it (WCAG 2.2, 3.1.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from templates_app.checks.finding import LOOK, Finding, Fix, passed
from templates_app.checks.message import Message

CHECK = "language"
_HTML = re.compile(r"<html\b[^>]*>", re.IGNORECASE)
_LANGUAGE = re.compile(r"\blang\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)


def check(message: Message) -> Iterator[Finding]:
    opening = _HTML.search(message.marked)
    said = _LANGUAGE.search(opening[0]) if opening else None
    if said:
        yield passed(CHECK, _("Language of the message"), said[1])
        return
    seen = _("Screen readers read it with the voice of another language, and browsers offer to translate it.")
    line = message.marked.count("\n", 0, opening.start()) + 1 if opening else 1
    fix = None
    if opening:
        new = f'{opening[0][:5]} lang="{message.workspace.language}"{opening[0][5:]}'
        label = _('Write lang="%(language)s"') % {"language": message.workspace.language}
        fix = Fix(label, old=opening[0], new=new)
    yield Finding(CHECK, LOOK, _("The message doesn't say its language"), seen, message.line(line), fix=fix)
