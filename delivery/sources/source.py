"""What a source of people is, and the point where apps add theirs."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext as _

from contacts.segments.definition import BadDefinition
from delivery import shares
from delivery.models import Batch
from kernel.extensions import Extensions

# The chunk comes first: a plan that judges everybody who is left, and then takes the first, is chosen while PostgreSQL
# has no statistics about new contacts.
PEOPLE = """
    SELECT c.id, coalesce({forbidden}, '') AS reason
    FROM (SELECT c.* FROM contacts_contact c
          WHERE c.workspace_id = %(workspace)s AND c.id > %(cursor)s AND {condition}
          ORDER BY c.id LIMIT %(chunk)s) c
    {suppression}"""


class Rules(NamedTuple):
    """Who may be written to, as SQL over `c` (contacts_contact): see delivery.send_rules."""

    forbidden: str
    suppression: str


class Source:
    """Says who a batch is for. Asked for each chunk while the batch is filled, possibly by several processes one after
    another: the answer must not depend on anything but rows."""

    def condition(self, batch: Batch) -> tuple[str, dict]:
        """An SQL condition on `c` (contacts_contact) that holds for whom the batch is, and its parameters. The caller
        adds the workspace. Raises BadDefinition if it can't be said: the batch is held with these words."""
        raise NotImplementedError

    def is_given(self, batch: Batch) -> bool:
        """Whether the people are few and known when the batch is opened. It is filled at once then, without a job."""
        return False

    def people(self, batch: Batch, rules: Rules) -> tuple[str, dict]:
        """The statement that selects the next chunk, as (id, reason why this person may not be written to or ''), and
        its parameters besides workspace, cursor and chunk."""
        condition, params = self.condition(batch)
        taken, more = shares.condition(batch)
        return PEOPLE.format(condition=f"({condition}) AND {taken}", **rules._asdict()), params | more


SOURCES: Extensions[Source] = Extensions(
    "sources of people", "Who a batch is written for, by the name that the batch keeps in `source`."
)


def source_of(batch: Batch) -> Source:
    """Raises BadDefinition if no app has added the batch's source."""
    source = SOURCES.get(batch.source or _source_of_older(batch))
    if source is None:
        raise BadDefinition([_("This installation does not know who this batch is for (%s).") % batch.source])
    return source


def _source_of_older(batch: Batch) -> str:
    """Of a batch that was opened before batches named their source."""
    if batch.purpose == Batch.Purpose.TEST:
        return "tester"
    return "retry" if batch.origin_id else "audience"
