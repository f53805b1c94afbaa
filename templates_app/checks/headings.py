"""Headings in order: who listens to a message goes through it by them (WCAG 2.2, 1.3.1)."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from templates_app.checks.finding import LOOK, Finding, Fix, passed
from templates_app.checks.message import Message

CHECK = "headings"


def check(message: Message) -> Iterator[Finding]:
    headings = [one for one in message.elements("h1", "h2", "h3", "h4", "h5", "h6") if message.words(one)]
    before, problem = 0, None
    for heading in headings:
        level = int(heading.tag[1])
        if before and level > before + 1:
            problem = (heading, before + 1)
            break
        before = level
    if problem is None:
        yield passed(CHECK, _("Headings in order"), " ".join(one.tag for one in headings[:6]) or _("none"))
        return
    heading, level = problem
    title = _("“%(words)s” skips a level of headings") % {"words": message.words(heading)}
    seen = _("Who listens to the message looks for the heading in between. It should be of level %(level)d.")
    block = message.block_of(heading)
    fix = None
    if block is not None and block.type == "heading":
        fix = Fix(_("Make it level %(level)d") % {"level": level}, prop="level", new=str(level))
    yield Finding(CHECK, LOOK, title, seen % {"level": level}, message.place(heading), fix=fix, pin=_("Level"))
