"""MJML to HTML, fenced: what the compiler can't take is refused before, it runs in a process of its own, and what it
writes is sanitised afterwards like everybody's HTML (it lets attributes be injected).

The compiler gets the structure alone. What stands in texts and buttons is HTML, which it would refuse unless it is XML;
merge tags would be lost between elements, and change within attributes. Both wait outside, under names.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from kernel import bounded_process
from kernel.bounded_process import Busy, Exceeded, Limits
from templates_app.importing import mjml_process
from templates_app.importing.problems import NotImportable, TryAgain
from templates_app.merging.hiding import HiddenTags

MODULE = mjml_process.__name__
LIMITS = Limits(memory=512 << 20, cpu=5, wall=10)
MAX_CHARACTERS = 512_000
MAX_DEPTH = 100
#: Elements whose inside is HTML, text or CSS.
CONTENTS = frozenset({
    "mj-accordion-text", "mj-accordion-title", "mj-button", "mj-html-attribute", "mj-navbar-link", "mj-preview",
    "mj-raw", "mj-social-element", "mj-style", "mj-table", "mj-text", "mj-title",
})  # fmt: skip
ELEMENTS = CONTENTS | {
    "mj-accordion", "mj-accordion-element", "mj-all", "mj-attributes", "mj-body", "mj-breakpoint", "mj-carousel",
    "mj-carousel-image", "mj-class", "mj-column", "mj-divider", "mj-font", "mj-group", "mj-head", "mj-hero",
    "mj-html-attributes", "mj-image", "mj-navbar", "mj-section", "mj-selector", "mj-social", "mj-spacer", "mj-wrapper",
    "mjml",
}  # fmt: skip
#: Elements in which a merge tag may stand by itself, as raw HTML.
HOLDERS = frozenset(["mj-body", "mj-section", "mj-column", "mj-wrapper", "mj-hero", "mj-group"])
_IS_MJML = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<mjml[\s>]", re.DOTALL | re.IGNORECASE)
#: What no reader sees, by its beginning, and what ends it.
UNSEEN = {"<!--": "-->", "<?": "?>", "<![CDATA[": "]]>", "<!": ">"}
_TOKEN = re.compile(
    r"(?P<unseen><!--|<\?|<!\[CDATA\[|<!)|<(?P<end>/?)(?P<name>[a-zA-Z][\w:-]*)"
    r"(?P<attributes>(?:\"[^\"]*\"|'[^']*'|[^\"'<>])*?)(?P<closed>/?)>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"(?<![\w:.-])([a-zA-Z_:][\w:.-]*)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.DOTALL)
_NO_ATTRIBUTE = re.compile(r" vertical-align=\"\w+\"")  # the compiler writes it, and no program reads it
_KEPT = re.compile(r"keptpart(\d+)part")


def is_mjml(text: str) -> bool:
    return bool(_IS_MJML.match(text[:20_000]))


def compile_mjml(source: str, workspace_id: int, language: str) -> str:
    """The HTML, not yet sanitised. Takes up to seconds: never call it in a transaction. Raises NotImportable, with the
    line where something can't be read, and TryAgain."""
    if len(source) > MAX_CHARACTERS:
        text = _("This MJML is %(size)d KB; the limit is %(most)d KB. Split it, or remove repeated parts.")
        raise NotImportable(text % {"size": len(source) // 1000, "most": MAX_CHARACTERS // 1000})
    if "keptpart" in source:
        raise NotImportable(_("This MJML can't be read. Remove “keptpart” from it."))
    structure = _Structure(source)
    html = _compiled(structure.text, workspace_id)
    html = html.replace(' lang="und" dir="auto"', f' lang="{language}"')
    return structure.shown(_NO_ATTRIBUTE.sub("", html))


def _compiled(text: str, workspace_id: int) -> str:
    try:
        with bounded_process.place_for(workspace_id), tempfile.TemporaryFile() as file:
            file.write(text.encode("utf-8", "replace"))
            file.flush()
            with closing(bounded_process.messages(MODULE, file=file, limits=LIMITS)) as messages:
                answer = next(messages, {"problem": ""})
    except Busy:
        raise TryAgain(_("Another file is being read at the moment. Try again in a minute.")) from None
    except Exceeded:
        raise NotImportable(_("Reading this MJML takes too long. Use fewer elements within each other.")) from None
    if "problem" in answer:
        raise NotImportable(_("This MJML can't be read (%(problem)s). Check that it is complete.") % answer)
    return answer["html"]


@dataclass
class _Structure:
    """`text` is what the compiler gets."""

    source: str
    text: str = ""
    _kept: list[str] = field(default_factory=list)
    _open: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._hidden = HiddenTags(self.source)
        self.text = "".join(self._read(self._hidden.text))

    def shown(self, html: str) -> str:
        """The compiled HTML with everything in its place. Raises NotImportable where the compiler lost something."""
        found = {int(number) for number in _KEPT.findall(html)}
        for number, kept in enumerate(self._kept):
            if number not in found and self._hidden.marker.search(kept):
                raise NotImportable(
                    _("MJML can't keep “%(tag)s” where it is. Put it into <mj-raw>, <mj-text> or a column.")
                    % {"tag": self._hidden.show(kept).strip()[:80]}
                )
        return self._hidden.show(_KEPT.sub(lambda number: self._kept[int(number[1])], html))

    def _read(self, text: str) -> Iterator[str]:
        position = 0
        while found := _TOKEN.search(text, position):
            yield self._between(text[position : found.start()], position)
            position = found.end()
            if found["unseen"]:
                position = self._after(UNSEEN[found["unseen"]], position)
                continue
            yield self._tag(found)
            if self._has_contents(found):
                end = self._before(f"</{found['name']}", position, found)
                yield self._keep(text[position:end])
                position = end
        yield self._between(text[position:], position)
        if self._open:
            name, start = self._open[-1]
            raise self._problem(start, _("<%(name)s> isn't closed."), name=name)

    def _after(self, ending: str, start: int) -> int:
        end = self._hidden.text.find(ending, start)
        if end < 0:
            raise self._problem(start, _("“%(ending)s” is missing."), ending=ending)
        return end + len(ending)

    def _before(self, ending: str, start: int, begun: re.Match[str]) -> int:
        end = self._hidden.text.find(ending, start)
        if end < 0:
            raise self._problem(begun.start(), _("<%(name)s> isn't closed."), name=begun["name"])
        return end

    def _has_contents(self, found: re.Match[str]) -> bool:
        return found["name"].lower() in CONTENTS and not found["end"] and not found["closed"]

    def _tag(self, found: re.Match[str]) -> str:
        name, start = found["name"].lower(), found.start()
        if name == "mj-include":
            raise self._problem(
                start, _("<mj-include> reads another file, which isn't here. Paste its text in its place.")
            )
        if name not in ELEMENTS:
            text = _("<%(name)s> can't stand here. Put it into <mj-text> or <mj-raw>.")
            raise self._problem(start, text, name=found["name"])
        if found["end"]:
            self._close(name, start)
            return f"</{name}>"
        if not found["closed"]:
            self._open.append((name, start))
            if len(self._open) > MAX_DEPTH:
                raise self._problem(start, _("More than %(n)d elements stand within each other."), n=MAX_DEPTH)
        return f"<{name}{self._attributes(found['attributes'])}{'/' if found['closed'] else ''}>"

    def _close(self, name: str, start: int) -> None:
        opened, begun = self._open.pop() if self._open else ("", start)
        if opened != name:
            text = _("</%(name)s> has no beginning.") if not opened else _("<%(opened)s> isn't closed.")
            raise self._problem(begun, text, name=name, opened=opened)

    def _attributes(self, text: str) -> str:
        return "".join(
            f' {name}="{self._value(double or single)}"' for name, double, single in _ATTRIBUTE.findall(text)
        )

    def _value(self, value: str) -> str:
        """The compiler writes values as Rust shows texts: line ends, backslashes and what can't be printed would come
        out as their names."""
        value = self._hidden.marker.sub(lambda tag: self._keep(tag[0]), value)
        value = re.sub(r"[\r\n\t]+\s*", " ", value).replace("\\", "&#92;").replace('"', "&quot;").replace("<", "&lt;")
        return "".join(char if char.isprintable() and char != "\xa0" else f"&#{ord(char)};" for char in value)

    def _between(self, text: str, start: int) -> str:
        """What stands between elements: merge tags, as raw HTML."""
        words = self._hidden.marker.sub("", text).strip()
        if words:
            start += text.find(words[:10])
            raise self._problem(
                start, _("“%(words)s” stands between MJML's elements. Put it into <mj-text>."), words=words[:40]
            )
        holder = self._open[-1][0] if self._open else ""
        found = "".join(tag[0] for tag in self._hidden.marker.finditer(text))
        if not found:
            return ""
        if holder not in HOLDERS:
            raise self._problem(
                start,
                _("“%(tag)s” can't stand here. Put it into <mj-raw>, <mj-text> or a column."),
                tag=self._hidden.show(found)[:80],
            )
        return f"<mj-raw>{self._keep(found)}</mj-raw>"

    def _keep(self, text: str) -> str:
        if not text.strip():
            return ""
        self._kept.append(text)
        return f"keptpart{len(self._kept) - 1}part"

    def _problem(self, start: int, text: str, **details: object) -> NotImportable:
        line = self._hidden.show(self._hidden.text[:start]).count("\n") + 1
        return NotImportable(_("Line %(line)d: %(problem)s") % {"line": line, "problem": text % details})
