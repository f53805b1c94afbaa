"""Template tags for every page: icons, workspace links, times, numbers."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

register = template.Library()
ICONS: Path = settings.BASE_DIR / "static"


@register.simple_tag(takes_context=True)
def wurl(context: dict, name: str, **kwargs) -> str:
    """The address of a page of the reader's workspace: {% wurl 'contacts:show' pk=contact.pk %}."""
    return reverse(name, kwargs={"workspace": context["request"].workspace.slug, **kwargs})


@cache
def _read_icon(name: str) -> str:
    return (ICONS / "icons" / f"{name}.svg").read_text()


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of static/icons, in the colour of the text around it. Decoration: it carries no meaning of its own."""
    return mark_safe(_read_icon(name))  # noqa: S308  (a file of the repository)


@register.filter
def when(moment: datetime | None) -> SafeString | str:
    """A point in time in the reader's zone, with the exact one for machines and on hover."""
    if moment is None:
        return "–"
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        formats.date_format(local, "DATETIME_FORMAT"),
        formats.date_format(local, "SHORT_DATETIME_FORMAT"),
    )


@register.filter
def recently(moment: datetime | None) -> SafeString | str:
    """A point in time in as few words as tell it: “3 min ago” today, “yesterday”, then the day; the exact one for
    machines and on hover."""
    if moment is None:
        return "–"
    local, now = timezone.localtime(moment), timezone.localtime()
    days = (now.date() - local.date()).days
    if now - local < timedelta(seconds=90):
        words = _("just now")
    elif days <= 0:
        words = _("%(time)s ago") % {"time": duration((now - local).total_seconds())}
    elif days == 1:
        words = _("yesterday")
    else:
        words = formats.date_format(local, _("j M") if local.year == now.year else _("j M Y"))
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        formats.date_format(local, "DATETIME_FORMAT"),
        words,
    )


@register.filter
def number(value: float | None) -> str:
    """A number as the reader's language writes it, such as 12,345 or 12 345."""
    return formats.number_format(value or 0, use_l10n=True, force_grouping=True)


@register.filter
def duration(seconds: float | None) -> str:
    """Seconds, rounded to the largest unit that fits: 40 s, 3 min, 5 h, 4 days. None counts as 0."""
    seconds = seconds or 0
    for limit, size, text in ((90, 1, _("%d s")), (5400, 60, _("%d min")), (172_800, 3600, _("%d h"))):
        if seconds < limit:
            return text % round(seconds / size)
    days = round(seconds / 86_400)
    return ngettext("%d day", "%d days", days) % days


@register.filter
def percent(part: float | None, whole: float | None) -> str:
    """`part` of `whole` with one decimal; a dash where there is nothing to divide by."""
    if not whole:
        return "–"
    return percentage(100 * (part or 0) / whole)


@register.filter
def percentage(value: float | str, decimals: int | None = None) -> str:
    """A share of 100 as the reader's language writes it: 13.1%, 13,1 %."""
    decimals = decimals if decimals is not None else 0 if isinstance(value, int | str) else 1
    number = formats.number_format(value, decimal_pos=decimals, use_l10n=True)
    # Translators: a share, as your language writes it; a no-break space before the sign where it wants one.
    return pgettext("share", "%(number)s%%") % {"number": number}


@register.simple_tag(takes_context=True)
def query(context: dict, **changes) -> str:
    """The current query string with some parameters changed (None or "" removes one)."""
    params = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            params.pop(name, None)
        else:
            params[name] = value
    return "?" + params.urlencode()


@register.filter
def colon(label: object) -> str:
    """The label with the colon of the reader's language: French has a space before it."""
    return _("%(label)s:") % {"label": label}


@register.filter
def lookup(mapping: Mapping | None, key: object) -> Any:
    """mapping[key] for a key that is itself a variable; None where it is missing."""
    return (mapping or {}).get(key)


@register.filter
def may(membership: Any, permission: str) -> bool:
    """Whether the reader has a permission: {% if membership|may:"contacts.edit" %}."""
    return membership is not None and membership.may(permission)


@register.filter
def unlocalised(value: float) -> str:
    """A number with a decimal point, as SVG needs it, whatever the reader's language."""
    return str(value)
