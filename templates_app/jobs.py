"""Background work of this app."""

from kernel.jobs import enqueue, job
from templates_app import contents, version_retention
from templates_app.blocks import saving
from templates_app.models import Brand, MessageTemplate

AT_ONCE = 10  # templates in one transaction: each costs up to a quarter of a second


@job(queue="imports", scoped=False)
def prune_contents() -> None:
    if not contents.prune():
        enqueue("templates_app.prune_contents")


@job(queue="imports", scoped=False)
def prune_versions() -> None:
    if not version_retention.prune():
        enqueue("templates_app.prune_versions")


@job()
def follow_brand() -> None:
    """Make the HTML of the templates again that was made with an earlier brand."""
    made_earlier = MessageTemplate.objects.filter(kind=MessageTemplate.Kind.BLOCKS)
    made_earlier = made_earlier.exclude(brand_revision=Brand.of_workspace().revision)
    templates = list(made_earlier.select_related("workspace").order_by("-updated_at")[:AT_ONCE])
    for template in templates:
        saving.follow_brand(template)
    if len(templates) == AT_ONCE:
        enqueue("templates_app.follow_brand")
