from delivery.models import Batch
from delivery.sources.source import Source

IDS = "contact_ids"  # the key in the batch's `audience`
MAX_AT_ONCE = 1000  # people who are written within the transaction that opens the batch


class ListedSource(Source):
    """People whose ids were given when the batch was opened."""

    def is_given(self, batch: Batch) -> bool:
        return len(batch.audience[IDS]) <= MAX_AT_ONCE

    def condition(self, batch: Batch) -> tuple[str, dict]:
        return "c.id = ANY(%(listed)s) AND c.deleted_at IS NULL", {"listed": batch.audience[IDS]}
