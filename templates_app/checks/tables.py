"""Tables that only place things, and don't say so: screen readers count their rows and columns aloud."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from lxml.html import HtmlElement

from templates_app.checks.finding import LOOK, Finding, Fix, passed
from templates_app.checks.message import Message

CHECK = "tables"
_ROLE = 'role="presentation"'


def check(message: Message) -> Iterator[Finding]:
    tables = list(message.elements("table"))
    bare = [table for table in tables if not table.get("role") and not _has_data(table)]
    if not bare:
        if tables:
            yield passed(CHECK, _("Tables are only layout, and say so"), f"{len(tables)}")
        return
    n = len(bare)
    title = ngettext(
        "%(n)d table doesn't say that it is only layout", "%(n)d tables don't say that they are only layout", n
    )
    seen = _("Screen readers announce rows and columns before each text.")
    block = message.block_of(bare[0])
    source = str(block.props.get("html", "")) if block is not None else message.html
    # One press for all, where none has a role or data.
    fix = None
    if (
        all(not table.get("role") for table in tables if message.block_of(table) == block)
        and source.count("<table") == n
    ):
        fix = Fix(_("Add %(role)s") % {"role": _ROLE}, old="<table", new=f"<table {_ROLE}")
    yield Finding(CHECK, LOOK, title % {"n": n}, seen, message.place(bare[0]), fix=fix, pin=_("Table"))


def _has_data(table: HtmlElement) -> bool:
    return any(one.tag in ("th", "caption") for one in table.iter("th", "caption"))
