from delivery.models import Batch
from delivery.models.message import TESTER
from delivery.sources.source import Rules, Source

ONLY_THE_TESTER = f"""
    SELECT {TESTER}::bigint AS id, coalesce({{forbidden}}, '') AS reason
    FROM (SELECT) nobody LEFT JOIN contacts_contact c ON false
    {{suppression}}"""  # noqa: S608  (a number of our own)


class TesterSource(Source):
    """The one address that a test goes to, which need not be a contact's. The batch's content says which."""

    def is_given(self, batch: Batch) -> bool:
        return True

    def people(self, batch: Batch, rules: Rules) -> tuple[str, dict]:
        return ONLY_THE_TESTER.format(**rules._asdict()), {}
