"""Where a picture is used: the templates that show it today, and the brand."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from templates_app.models import LARGE, Brand, MessageTemplate, Picture


def templates_of(picture: Picture) -> list[MessageTemplate]:
    """The templates that show the picture, by name, without what they say. Not those in the trash."""
    shown = MessageTemplate.objects.present().filter(shown_pictures__picture=picture)
    return list(shown.defer(*LARGE).order_by("name", "pk"))


def template_names(picture: Picture) -> list[str]:
    return [template.name for template in templates_of(picture)]


def is_logo(picture: Any) -> Q:
    """Of brands: whether the picture (or what refers to one in a query) is one of its logos."""
    return Q(logo=picture) | Q(dark_logo=picture)


def brand_names(picture: Picture) -> list[str]:
    """The brand, where the picture is one of its logos."""
    return [_("Brand")] if Brand.objects.filter(is_logo(picture)).exists() else []
