"""The merge language: Liquid with limits. Merchants' texts are never given to Django's template engine."""

from .compiling import Encode, Outline
from .language import MergeError, Merger, TooCostly, check, filter_names, is_readable, parse, spend, variables
from .metering import allowance

__all__ = [
    "Encode",
    "MergeError",
    "Merger",
    "Outline",
    "TooCostly",
    "allowance",
    "check",
    "filter_names",
    "is_readable",
    "parse",
    "spend",
    "variables",
]
