from delivery.models import Batch
from delivery.sources.source import Source

IDS = "contact_ids"  # the key in the batch's `audience`


class ListedSource(Source):
    """People whose ids were given when the batch was opened."""

    def condition(self, batch: Batch) -> tuple[str, dict]:
        return "c.id = ANY(%(listed)s) AND c.deleted_at IS NULL", {"listed": batch.audience[IDS]}
