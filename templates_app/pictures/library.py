"""What the library shows: filters, search, counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from templates_app import picture_addresses
from templates_app.models import Brand, MessageTemplate, Picture, TemplatePicture
from templates_app.models.picture import PictureFile
from templates_app.pictures import uses

MOST_COUNTED = 1000  # above, a filter says 999+
LACKS_ALT = Q(alt="", is_decorative=False)
FILTERS = {"": pgettext_lazy("pictures", "All"), "unused": _("Not used"), "no-alt": _("No alt text")}


def found(which: str, query: str) -> QuerySet[Picture]:
    """The pictures of a filter (a key of FILTERS) whose name or alt text contains the query."""
    pictures = Picture.objects.present()
    if which == "no-alt":
        pictures = pictures.filter(LACKS_ALT)
    elif which == "unused":
        pictures = pictures.filter(~_used())
    if query:
        pictures = pictures.filter(Q(name__icontains=query) | Q(alt__icontains=query))
    return pictures


def alt_texts(addresses: Iterable[str]) -> dict[str, str]:
    """The alt texts that the library has for pictures at these addresses, by address."""
    keys = {address: key for address in addresses for key in picture_addresses.keys_of(address)[:1]}
    if not keys:
        return {}
    files = PictureFile.objects.filter(key__in=keys.values()).values_list("key", "picture_id")
    picture_of = dict(files)
    alt_of = dict(Picture.objects.filter(pk__in=picture_of.values()).values_list("pk", "alt"))
    return {address: alt_of.get(picture_of.get(key, 0), "") for address, key in keys.items()}


def filters(chosen: str) -> list[dict[str, Any]]:
    """Each filter with how many pictures it has."""
    present = Picture.objects.present()
    counts = {
        "": _count(present),
        "unused": _count(present.filter(~_used())),
        "no-alt": _count(present.filter(LACKS_ALT)),
    }
    return [
        {"key": key, "label": label, "count": counts[key], "is_chosen": key == chosen} for key, label in FILTERS.items()
    ]


def _count(pictures: QuerySet[Picture]) -> str:
    n = pictures[:MOST_COUNTED].count()
    return str(n) if n < MOST_COUNTED else f"{MOST_COUNTED - 1}+"


def _used() -> Q:
    present = MessageTemplate.objects.present().filter(pk=OuterRef("template_id"))
    in_template = Exists(TemplatePicture.objects.filter(Exists(present), picture_id=OuterRef("pk")))
    return Q(in_template) | Q(Exists(Brand.objects.filter(uses.is_logo(OuterRef("pk")))))
