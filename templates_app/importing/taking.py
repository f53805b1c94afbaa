"""From text and files to a template, and what happened on the way."""

from __future__ import annotations

import html as html_module
import re
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from kernel.files import problems
from templates_app.importing import embedded, encoding, foreign, mjml, picture_places
from templates_app.importing.problems import NotImportable, TryAgain
from templates_app.importing.sources import Source
from templates_app.pictures import decoding, uploading
from templates_app.pictures.decoding import Refused
from templates_app.reading.foreign_tags import foreign_tags
from templates_app.storable import NotStorable, storable

MAX_PICTURES = 100
SECONDS = 60.0  # in which pictures are read; the others are named
MAX_NAMED = 50
ANY_WIDTH = 1 << 20  # px: the largest file that a picture has
PAUSES = (1.0, 2.0, 4.0)  # seconds until another try, where another file of the workspace is being read
_TITLE = re.compile(r"<title\b[^>]*>([^<]{1,500})</title>", re.IGNORECASE)
_SHEET_LINK = re.compile(r"<link\b[^>]{0,500}?\bhref\s*=\s*[\"']?([^\"'\s>]{1,300}\.css)[^>]{0,500}>", re.IGNORECASE)
_SHOWN_ELSEWHERE = ("http://", "https://", "cid:", "data:", "#")


@dataclass
class Report:
    """What an import did. `links`: another program's tag and ours; `lost`: a picture and why it isn't there."""

    kind: str
    file: str = ""
    encoding: str = ""
    removed: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    sheets: int = 0
    pictures: int = 0
    lost: list[tuple[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Taken:
    name: str
    html: str
    report: Report


def take(source: Source, workspace: Workspace, user: User) -> Taken:
    """The message as it is stored. Its pictures are in the library then. Takes up to a minute: never call it in a
    transaction. Raises NotImportable."""
    report = Report("mjml" if source.is_mjml else source.kind, source.file, source.encoding)
    text = source.text
    if source.is_mjml:
        text = mjml.compile_mjml(text, workspace.pk, workspace.language)
    text, report.sheets = _with_sheets(text, source)
    text, files = embedded.taken_out(text)
    text, found = foreign.with_our_links(text)
    report.links = [(tag.tag, tag.written) for tag in found]
    try:
        sanitised = storable(text)
    except NotStorable as problem:
        raise NotImportable(str(problem)) from None
    report.removed = list(sanitised.removed)
    html = _with_pictures(sanitised.html, source, files, workspace, user, report)
    return Taken(_name(source, html), html, report)


def _name(source: Source, html: str) -> str:
    title = _TITLE.search(html)
    words = " ".join(html_module.unescape(title[1]).split()) if title else ""
    if "{{" in words or "{%" in words or foreign_tags(words):  # such as *|MC:SUBJECT|*, which names nothing
        words = ""
    return (source.name or words or source.file.rpartition(".")[0] or _("Imported message"))[:120]


def _with_sheets(text: str, source: Source) -> tuple[str, int]:
    """Style sheets of the archive, written into the message: mail programs load none."""
    if source.archive is None:
        return text, 0
    n = 0

    def sheet(found: re.Match[str]) -> str:
        nonlocal n
        path = source.find(html_module.unescape(found[1]))
        data = source.archive.texts.get(path) if source.archive and path else None
        if data is None or "</style" in (css := encoding.decode(data, source.country).text).lower():
            return found[0]
        n += 1
        return f"<style>\n{css}\n</style>"

    return _SHEET_LINK.sub(sheet, text), n


def _with_pictures(
    html: str, source: Source, files: dict[str, bytes], workspace: Workspace, user: User, report: Report
) -> str:
    """The HTML with pictures of the library in the place of those that came along."""
    places: dict[str, list[str]] = {}  # the addresses that mean a file, by its path
    for address in picture_places.addresses(html):
        if address.lower().startswith(_SHOWN_ELSEWHERE):
            continue
        path = address if address in files else source.find(address)
        if path in files or (source.archive and path in source.archive.pictures):
            places.setdefault(path, []).append(address)
        else:
            _lose(report, address, _("It was not in what you gave. Insert it from your library."))
    pictures = files | (source.archive.pictures if source.archive else {})
    addresses: dict[str, str] = {}
    until = time.monotonic() + SECONDS
    for path, written in places.items():
        name = path.rpartition("/")[2]
        if report.pictures >= MAX_PICTURES or time.monotonic() > until:
            _lose(report, name, _("There are too many pictures for one import. Upload it, and insert it."))
            continue
        try:
            addresses |= dict.fromkeys(written, keep(name, pictures[path], workspace, user))
            report.pictures += 1
        except Refused as problem:
            _lose(report, name, str(problem))
    return picture_places.rewritten(html, lambda address: addresses.get(address, address))


def keep(name: str, data: bytes, workspace: Workspace, user: User) -> str:
    """The public address of a picture in the library, which has it then. Raises Refused."""
    for pause in (*PAUSES, None):
        try:
            with uploading.received(workspace, ContentFile(data, name), user) as picture:
                return picture.address_for(ANY_WIDTH)
        except decoding.TryAgain:
            if pause is None:
                raise
            time.sleep(pause)
        except problems.Full as problem:
            raise Refused(str(problem)) from None
        except problems.Problem:
            raise TryAgain(_("Files can't be stored at the moment. Try again in a few minutes.")) from None
    raise AssertionError("the last try returns or raises")


def _lose(report: Report, name: str, why: str) -> None:
    if len(report.lost) < MAX_NAMED:
        report.lost.append((name[:200], why))
