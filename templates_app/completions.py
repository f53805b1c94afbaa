"""What the HTML editor offers while somebody writes a merge tag, and its words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contacts.identity import merge_values
from contacts.models import ContactField
from templates_app.merging import filter_names, message_tags


def completions() -> dict[str, list[dict[str, str]]]:
    """{"names", "filters", "keywords"}, each a list of {"label", "detail", "write"}."""
    return {"names": _names(), "filters": _filters(), "keywords": _keywords()}


def _names() -> list[dict[str, str]]:
    of_fields = [_option(field.name, field.label) for field in ContactField.objects.present()]
    about = {
        "unsubscribe_url": _("the link to unsubscribe"),
        "preferences_url": _("the link to the person's preferences"),
        "view_url": _("the link that shows the message in the browser"),
        "postal_address": _("your postal address"),
    }
    fixed = [_option(name, about.get(name, "")) for name in (*merge_values.NAMES, *message_tags.OF_MESSAGE)]
    return [*fixed, *of_fields]


def _filters() -> list[dict[str, str]]:
    fallback = pgettext("Hello there", "there")
    written = {
        "default": (f'default: "{fallback}"', _("what stands there if it is empty")),
        "date": ('date: "long"', _("a date as the reader writes it")),
        "number": ("number", _("a number as the reader writes it")),
        "money": ('money: "EUR"', _("an amount with its currency")),
        "capitalize": ("capitalize", _("with a capital first letter")),
        "upcase": ("upcase", _("in capitals")),
        "downcase": ("downcase", _("in small letters")),
        "truncate": ("truncate: 40", _("cut after so many characters")),
        "url_encode": ("url_encode", _("to stand in an address")),
    }
    others = [name for name in filter_names() if name not in written]
    return [_option(name, about, write) for name, (write, about) in written.items()] + [
        _option(name) for name in others
    ]


def _keywords() -> list[dict[str, str]]:
    return [
        _option("if", _("only under a condition"), "if first_name"),
        _option("elsif", _("else, under another condition"), "elsif city"),
        _option("else", _("otherwise"), "else"),
        _option("endif", _("end of the condition"), "endif"),
        _option("unless", _("unless a condition holds"), "unless first_name"),
        _option("endunless", _("end of the condition"), "endunless"),
        _option("for", _("once for each"), "for item in event.items"),
        _option("endfor", _("end of the loop"), "endfor"),
        _option("assign", _("give a value a name"), 'assign name = ""'),
        _option("case", _("one of several"), "case city"),
        _option("when", _("if it is this one"), 'when "Lyon"'),
        _option("endcase", _("end of the choice"), "endcase"),
        _option("comment", _("a note that nobody gets"), "comment"),
        _option("endcomment", _("end of the note"), "endcomment"),
        _option("raw", _("merge tags stay as they are written"), "raw"),
        _option("endraw", _("end of what stays"), "endraw"),
    ]


def _option(label: str, detail: str = "", write: str = "") -> dict[str, str]:
    return {"label": label, "detail": detail, "write": write or label}


def phrases() -> dict[str, str]:
    """What CodeMirror says, by its own words."""
    return {
        "Find": _("Find"),
        "Replace": _("Replace"),
        "next": pgettext("find", "next"),
        "previous": pgettext("find", "previous"),
        "all": pgettext("find", "all"),
        "match case": _("match case"),
        "regexp": _("regular expression"),
        "by word": _("whole words"),
        "replace": pgettext("find", "replace"),
        "replace all": _("replace all"),
        "close": _("close"),
        "current match": _("current match"),
        "replaced $ matches": _("replaced $ matches"),
        "replaced match on line $": _("replaced match on line $"),
        "on line": _("on line"),
        "Go to line": _("Go to line"),
        "go": pgettext("find", "go"),
        "Completions": _("Completions"),
        "Diagnostics": _("Checks"),
        "No diagnostics": _("Nothing to check"),
    }
