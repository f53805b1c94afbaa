"""What pictures weigh, and those that nobody sees."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kernel.templatetags.ui import number
from templates_app.checks.finding import LOOK, Finding, passed
from templates_app.checks.message import Message, short
from templates_app.reading.pictures import broken_pictures

CHECK = "pictures"
MOST = 5
HEAVY = 1_000_000  # bytes of all pictures: five seconds on a slow phone


def check(message: Message) -> Iterator[Finding]:
    yield from _broken(message)
    files = message.own_pictures.values()
    weight = sum(file.size for file in files)
    if weight > HEAVY:
        heaviest = max(files, key=lambda file: file.size)
        seen = _("On a slow phone they take many seconds. The heaviest is “%(name)s” with %(size)s KB.")
        place = next(
            (message.place(image) for image in message.elements("img") if heaviest.key in (image.get("src") or "")),
            message.block_place("none"),
        )
        details = {"name": heaviest.picture.name, "size": number(heaviest.size // 1000)}
        title = _("The pictures weigh %(size)s KB") % {"size": number(weight // 1000)}
        yield Finding(CHECK, LOOK, title, seen % details, place, pin=_("Heavy"))
    else:
        yield passed(CHECK, _("Weight of pictures"), _figure(message, weight))


def _figure(message: Message, weight: int) -> str:
    shown = {image.get("src") or "" for image in message.elements("img")} - {""}
    foreign = sum(not any(key in address for key in message.own_pictures) for address in shown)
    figure = _("%(size)s KB") % {"size": number(weight // 1000)}
    if not foreign:
        return figure
    others = ngettext("%(n)d from elsewhere", "%(n)d from elsewhere", foreign) % {"n": foreign}
    return f"{figure}, {others}" if weight else others


def _broken(message: Message) -> Iterator[Finding]:
    texts = {
        "relative": (_("The picture “%(address)s” has no complete address"), _("Nobody sees it. Use https://")),
        "attached": (_("The picture “%(address)s” is no attachment of this message"), _("Nobody sees it.")),
        "embedded": (_("The picture “%(address)s” is embedded"), _("Gmail and Outlook don't show it. Use https://")),
    }
    for kind, address in broken_pictures(message.html)[:MOST]:
        title, seen = texts[kind]
        place = next(
            (message.place(one) for one in message.elements("img") if message.shown(one.get("src") or "") == address),
            message.block_place("none"),
        )
        yield Finding(CHECK, LOOK, title % {"address": short(address, 40)}, seen, place, pin=_("Not seen"))
