"""Many messages of a batch that were refused for the same reason: a person decides whether it goes on.

It may be the list (addresses that do not exist), the message (its content, its size), or something about the sender or
the account that nobody has seen such words for. Whatever it is, going on costs the good name of the sender, and a
campaign that ends as sent although a third of it was refused tells nobody that there is something to do.
"""

from __future__ import annotations

from typing import NamedTuple

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from delivery.models import Batch, Message
from delivery.models.message import reason_text
from kernel.templatetags.ui import number

MIN_REFUSED = 30  # fewer are no reason to bother anybody
SHARE = 3  # one in so many of the messages that have ended
MAX_PROBLEM_LENGTH = 300

# A retry is a person's decision already, and a batch that is not marketing has one message.
FIND = f"""
SELECT t.reason, t.n, ended.n,
       (SELECT m.detail FROM delivery_message m WHERE m.batch_id = b.id AND m.state = {Message.State.FAILED:d}
        AND m.reason = t.reason LIMIT 1)
FROM delivery_batch b
JOIN delivery_tally t ON t.workspace_id = b.workspace_id AND t.batch_id = b.id AND t.fact = 'failed'
JOIN LATERAL (SELECT sum(e.n) AS n FROM delivery_tally e WHERE e.workspace_id = b.workspace_id AND e.batch_id = b.id
              AND e.fact IN ('accepted', 'failed', 'unknown')) ended ON true
WHERE b.id = %(batch)s AND b.purpose = '{Batch.Purpose.MARKETING}' AND b.origin_id IS NULL
  AND b.state <> '{Batch.State.CANCELLED}' AND t.n >= %(least)s AND t.n * %(share)s >= ended.n
  AND NOT b.decided ? t.reason
ORDER BY t.n DESC LIMIT 1
"""  # noqa: S608  (names of our enumerations)


class MassRefusal(NamedTuple):
    reason: str
    n: int
    of: int
    words: str


def find(cursor: CursorWrapper, batch_id: int) -> MassRefusal | None:
    """The reason for which a third of the batch's messages were refused and nobody has decided about yet."""
    cursor.execute(FIND, {"batch": batch_id, "least": MIN_REFUSED, "share": SHARE})
    row = cursor.fetchone()
    return MassRefusal(row[0], row[1], row[2], row[3] or "") if row else None


def sentence(found: MassRefusal) -> str:
    """What has happened, for the person who decides, and the provider's words as far as they fit."""
    text = _("%(n)s of %(of)s messages failed for one reason: %(reason)s.") % {
        "n": number(found.n),
        "of": number(found.of),
        "reason": reason_text(found.reason),
    }
    if found.words:
        text = _("%(text)s The provider says: “%(words)s”") % {"text": text, "words": found.words}
    return text if len(text) <= MAX_PROBLEM_LENGTH else text[: MAX_PROBLEM_LENGTH - 1] + "…"
