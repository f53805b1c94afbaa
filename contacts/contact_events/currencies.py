"""Currencies (ISO 4217) and how amounts are shown."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.numbers import format_currency, format_decimal
from django.utils.translation import get_language


@cache
def in_use() -> frozenset[str]:
    """The codes of currencies that are legal tender somewhere today (Unicode CLDR)."""
    of_territories = get_global("territory_currencies").values()
    return frozenset(code for uses in of_territories for code, _begin, end, is_tender in uses if is_tender and not end)


def shown(value: Decimal, currency: str) -> str:
    """The amount as it is written in the active language: "€12.50", "12,50 €"."""
    if not currency:
        return format_decimal(value, locale=_locale())
    return format_currency(value, currency, locale=_locale())


def _locale() -> Locale:
    try:
        return Locale.parse((get_language() or "en").replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
