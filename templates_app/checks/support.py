"""What this audience's mail programs ignore, weighted by the mailbox providers of the people who get messages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import tinycss2
from django.utils.translation import gettext as _
from lxml.html import HtmlElement

from templates_app.checks.finding import LOOK, Finding, passed
from templates_app.checks.message import Message

CHECK = "support"
FACTS = Path(__file__).with_name("support.tsv")
MOST = 5
OTHER = "other"
LEAST_SHARE = 0.05  # of the audience, below which nothing is said
_HARMLESS = """
border-radius box-shadow box-sizing max-height min-height min-width opacity outline outline-offset word-break word-wrap
cursor color-scheme prefers-color-scheme @media @font-face <style> <body> <link> <wbr> srcset animation transition
text-decoration-color text-decoration-thickness text-underline-offset list-style-image list-style-position font-stretch
height overflow background-clip background-origin background-size background-blend-mode mix-blend-mode filter
border-image <abbr> <acronym> <bdi> <code> <dfn> <article> <aside> <figure> <footer> <header> <main> <nav> <section>
visibility
"""
#: What may be missing without harm: the message reads the same, only plainer.
HARMLESS = frozenset(_HARMLESS.split())
#: The program that somebody reads in who has an address there: of other domains many are companies with Outlook.
PROGRAMS = {
    "gmail.com": "gmail",
    "outlook.com": "outlook-com",
    "yahoo.com": "yahoo",
    "icloud.com": "apple-mail",
    "aol.com": "aol",
    "orange.fr": "orange",
    "free.fr": "free-fr",
    "sfr.fr": "sfr",
    "laposte.net": "laposte",
    "gmx.net": "gmx",
    "web.de": "web-de",
    "t-online.de": "t-online-de",
    "proton.me": "protonmail",
    "mail.ru": "mail-ru",
    OTHER: "outlook-windows",
}
NAMES = {
    "gmail": "Gmail",
    "outlook-com": "Outlook.com",
    "outlook-windows": "Outlook (Windows)",
    "yahoo": "Yahoo",
    "apple-mail": "Apple Mail",
    "aol": "AOL",
    "orange": "Orange",
    "free-fr": "Free",
    "sfr": "SFR",
    "laposte": "La Poste",
    "gmx": "GMX",
    "web-de": "WEB.DE",
    "t-online-de": "T-Online",
    "protonmail": "Proton Mail",
    "mail-ru": "Mail.ru",
}
_FUNCTION = re.compile(r"\b([a-z-]+)\(")


def findings(message: Message, readers: Mapping[str, int]) -> Iterator[Finding]:
    """`readers`: how many people have their mailbox at each provider (delivery.mailbox_providers)."""
    total = sum(readers.values())
    if not total:
        return
    shares = {PROGRAMS[name]: n / total for name, n in readers.items() if name in PROGRAMS}
    plainer: set[str] = set()
    said = []
    for feature, element in _used(message).items():
        ignoring = [program for program in facts().get(feature, ()) if shares.get(program, 0) > 0]
        share = sum(shares[program] for program in ignoring)
        plainer.update(ignoring)
        if feature not in HARMLESS and share >= LEAST_SHARE:
            said.append((share, _finding(feature, element, ignoring, share, message)))
    said.sort(key=lambda one: -one[0])
    yield from [finding for _share, finding in said[:MOST]]
    known = total - readers.get(OTHER, 0)  # of other domains nobody knows the program
    plainer.discard(PROGRAMS[OTHER])
    if not known:
        return
    seen_as_designed = 1 - sum(shares[program] for program in plainer) * total / known
    names = ", ".join(NAMES[program] for program in sorted(plainer, key=lambda one: -shares[one])[:3])
    title = _("Seen as designed; plainer in %(programs)s") % {"programs": names} if names else _("Seen as designed")
    yield passed(CHECK, title, _("%(n)d %%") % {"n": round(100 * seen_as_designed)})


def _finding(feature: str, element: HtmlElement | None, ignoring: list[str], share: float, message: Message) -> Finding:
    names = ", ".join(NAMES[program] for program in ignoring[:3])
    title = _("%(programs)s ignore “%(feature)s”") % {"programs": names, "feature": feature}
    seen = _("Up to %(n)d %% of your contacts read there, and see the message without it.")
    place = message.place(element) if element is not None else message.block_place("none")
    return Finding(CHECK, LOOK, title, seen % {"n": round(100 * share)}, place, pin=_("Not everywhere"))


@cache
def facts() -> dict[str, tuple[str, ...]]:
    """The programs that ignore a feature."""
    rows = [line.split("\t") for line in FACTS.read_text().splitlines() if not line.startswith("#")]
    return {feature: tuple(programs.split()) for feature, programs in rows}


def _used(message: Message) -> dict[str, HtmlElement | None]:
    """The features that the message uses, each with the first element that does."""
    found: dict[str, HtmlElement | None] = {}
    for node in message.root.iter():
        if not isinstance(node.tag, str):
            continue
        found.setdefault(f"<{node.tag}>", node)
        if node.get("srcset"):
            found.setdefault("srcset", node)
        if node.tag == "style":
            for name in _in_sheet(node.text or ""):
                found.setdefault(name, None)
        if style := node.get("style"):
            for name in _in_declarations(tinycss2.parse_blocks_contents(style)):
                found.setdefault(name, node)
    return found


def _in_sheet(css: str) -> Iterator[str]:
    for node in tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True):
        if node.type == "at-rule":
            yield f"@{node.lower_at_keyword}"
            if "prefers-color-scheme" in tinycss2.serialize(node.prelude):
                yield "prefers-color-scheme"
        elif node.type == "qualified-rule":
            yield from _in_declarations(tinycss2.parse_blocks_contents(node.content))


def _in_declarations(nodes: list) -> Iterator[str]:
    for node in nodes:
        if node.type == "declaration":
            value = tinycss2.serialize(node.value).strip().lower()
            yield node.lower_name
            yield f"{node.lower_name}:{value}"
            yield from (f"{name}()" for name in _FUNCTION.findall(value))
