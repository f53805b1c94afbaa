from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from templates_app.blocks.block_type import Background, BlockForm, BlockType
from templates_app.blocks.fields import Link, PlainText


class CouponForm(BlockForm):
    offer = PlainText(label=gettext_lazy("Offer"))
    code = PlainText(label=gettext_lazy("Code"), required=True, max_length=80)
    note = PlainText(label=gettext_lazy("Note"))
    button = PlainText(label=gettext_lazy("Button"), max_length=80)
    link = Link()
    background = Background()


class Coupon(BlockType):
    slug = "coupon"
    label = gettext_lazy("Coupon")
    icon = "coupon"
    group = "shop"
    form = CouponForm
    named_by = ("code",)

    def example(self) -> dict[str, Any]:
        return {"offer": _("€10 off your next order"), "code": _("WELCOME10"), "note": _("Until the end of the month.")}
