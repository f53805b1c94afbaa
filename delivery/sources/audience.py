from contacts.segments.audience import Audience
from delivery.models import Batch
from delivery.sources.source import Source
from kernel.tenancy import scope


class AudienceSource(Source):
    """The audience that was frozen into the batch when it was opened."""

    def condition(self, batch: Batch) -> tuple[str, dict]:
        with scope(batch.workspace_id):
            return Audience.read(batch.audience).sql()
