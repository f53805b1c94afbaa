"""The merge language: Liquid with limits. A customer's text never meets Django's template engine."""

from .language import MergeError, Merger, check, parse, variables

__all__ = ["MergeError", "Merger", "check", "parse", "variables"]
