"""Where a picture is used: the templates that show it today."""

from __future__ import annotations

from templates_app.models import LARGE, MessageTemplate, Picture


def templates_of(picture: Picture) -> list[MessageTemplate]:
    """The templates that show the picture, by name, without what they say. Not those in the trash."""
    shown = MessageTemplate.objects.present().filter(shown_pictures__picture=picture)
    return list(shown.defer(*LARGE).order_by("name", "pk"))


def template_names(picture: Picture) -> list[str]:
    return [template.name for template in templates_of(picture)]
