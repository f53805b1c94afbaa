"""The brand of a workspace on pages that are no workspace page."""

from __future__ import annotations

from django import template
from django.urls import reverse

from accounts.models import Workspace
from kernel.tenancy import scope
from templates_app.blocks.branding import logo_width
from templates_app.brand import visitor_look
from templates_app.models import Brand

register = template.Library()


@register.simple_tag(takes_context=True)
def brand_for_visitors(context: dict, sender: Workspace) -> dict[str, str | int]:
    """{% brand_for_visitors sender as shown %}: "name", and where the workspace has a brand "stylesheet" (an address),
    "logo" (an address), "width" and "height" (px). A page that shows a brand before it is saved has it as `brand`."""
    brand = context.get("brand") or _stored(sender)
    shown: dict[str, str | int] = {"name": brand.name or sender.name}
    if brand.pk is None and "brand" not in context:
        return shown
    shown["stylesheet"] = reverse("looks:stylesheet", args=[visitor_look.spec_of(brand)])
    if brand.logo is not None:
        width = logo_width(brand.logo)
        shown |= {
            "logo": brand.logo.file_for(width).path,
            "width": width,
            "height": max(1, round(width * brand.logo.height / brand.logo.width)),
        }
    return shown


def _stored(sender: Workspace) -> Brand:
    """With the logo's files: the page is written after this scope."""
    with scope(sender):
        brand = Brand.of_workspace()
        if brand.logo is not None:
            brand.logo.files_without_bytes  # noqa: B018 - read now, and kept
        return brand
