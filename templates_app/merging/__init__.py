"""The merge language: Liquid with limits. Merchants' texts are never given to Django's template engine."""

from .compiling import Encode, Outline
from .language import MergeError, Merger, TooCostly, check, parse, variables

__all__ = ["Encode", "MergeError", "Merger", "Outline", "TooCostly", "check", "parse", "variables"]
