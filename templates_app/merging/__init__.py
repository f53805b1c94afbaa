"""The merge language: Liquid with limits. Merchants' texts are never given to Django's template engine."""

from .compiling import Encode, Outline
from .language import MergeError, Merger, check, parse, variables

__all__ = ["Encode", "MergeError", "Merger", "Outline", "check", "parse", "variables"]
