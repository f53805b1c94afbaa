from delivery.models import Batch
from delivery.models.message import RETRIED
from delivery.sources.source import Source


class RetrySource(Source):
    """The people whose messages in the original batch are marked as retried by this one."""

    def condition(self, batch: Batch) -> tuple[str, dict]:
        condition = (
            "EXISTS (SELECT FROM delivery_message o WHERE o.batch_id = %(origin)s AND o.contact_id = c.id "
            "AND o.reason = %(retried)s) AND c.deleted_at IS NULL"
        )
        return condition, {"origin": batch.origin_id, "retried": f"{RETRIED}{batch.pk}"}
