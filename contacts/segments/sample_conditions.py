"""A random share of the contacts, the same ones each time."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from contacts.segments.conditions import GROUP_SAMPLE, Context, Input, Operator, Subject, register


@register
def sample() -> Iterator[Subject]:
    def share(ctx: Context, args: dict) -> str:
        # A contact is always in the sample or never, and two samples with different names are independent.
        number = "(hashtextextended({} || ':' || c.id, 0) & 1048575)::numeric"
        return f"{number.format(ctx.param(args['name'] or ''))} < {ctx.param(args['share'])}::numeric * 10485.76"

    yield Subject(
        "sample",
        _("Random sample"),
        GROUP_SAMPLE,
        (
            Operator(
                "share",
                _("a percentage"),
                _("of %(share)s%%"),
                share,
                (
                    Input("share", "percent", _("percent")),
                    Input("name", "text", _("name of the sample"), optional=True),
                ),
            ),
        ),
    )
