"""What the merge library says, in the words of whoever writes the text."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from liquid import Environment
from liquid.exceptions import LiquidError, LiquidSyntaxError, UnknownFilterError

from templates_app.merging.filtering import OverBudget, Unusable
from templates_app.merging.scanning import Refused
from templates_app.merging.structure import Problem, close_to, line_of, problems

# What the library says while it makes a message, and what we say.
_SAID = [
    (re.compile(r"missing \d+ required"), gettext_lazy("“%(filter)s” needs a value behind a colon.")),
    (
        re.compile(r"takes \d+ positional|unexpected keyword|positional argument"),
        gettext_lazy("“%(filter)s” takes other values."),
    ),
    (re.compile(r"can't divide by"), gettext_lazy("A number can't be divided by zero.")),
    (re.compile(r"'<' and '>' are not supported"), gettext_lazy("A text and a number can't be compared.")),
    (re.compile(r"'in' and 'contains' are not"), gettext_lazy("“contains” needs a text or a list.")),
    (re.compile(r"expected an integer|could not cast|expected an int"), gettext_lazy("This needs a number.")),
    (re.compile(r"expected an array|can't (?:map|sort)"), gettext_lazy("This needs a list.")),
]
_FILTER = re.compile(r"(\w+?)_?\(\)")


def at(source: str, start: int, text: str) -> str:
    """The sentence with its place before it."""
    line, column = line_of(source, start)
    return _("Line %(line)d, column %(column)d: %(what)s") % {"line": line, "column": column, "what": text}


def of_reading(problem: LiquidError, source: str, environment: Environment) -> list[Problem]:
    """Why a text can't be read, by place. At least one."""
    if isinstance(problem, Refused) and problem.token is not None:
        return [Problem(problem.token.start_index, str(problem.message))]
    general = _("A merge tag can't be read. Check that each one has its end.")
    return problems(source, environment) or [Problem(0, general)]


def of_filling_in(problem: LiquidError) -> tuple[str, list[Problem]]:
    """(sentence, its place if it has one): why a message can't be made of values."""
    text, token = _what(problem), problem.token
    if token is None or token.start_index < 0:
        return text, []
    return at(token.source, token.start_index, text), [Problem(token.start_index, text)]


def unknown_filter(name: str, environment: Environment) -> str:
    if meant := close_to(name, sorted(environment.filters)):
        return _("There is no filter “%(name)s”. Did you mean “%(meant)s”?") % {"name": name[:60], "meant": meant}
    return _("There is no filter “%(name)s”.") % {"name": name[:60]}


def _what(problem: LiquidError) -> str:
    said = str(problem.message or problem)
    if isinstance(problem, OverBudget | Unusable):
        return said
    if isinstance(problem, UnknownFilterError):
        name = said.removeprefix("unknown filter ").strip("'\"")
        return _("There is no filter “%(name)s”.") % {"name": name[:60]}
    for pattern, text in _SAID:
        if pattern.search(said):
            named = _FILTER.search(said)
            return str(text) % {"filter": named[1] if named else "…"}
    if isinstance(problem, LiquidSyntaxError):
        return _("A merge tag can't be read. Check that each one has its end.")
    return _("A filter or a comparison can't use this value.")
