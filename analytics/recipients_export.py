"""The recipients of a campaign as a file, see `contacts.exports`.

`Export.scope` has `batches`, the ids of the campaign's batches; `state` as in `recipients.page`; and `language`, that
of the person who asked, for the names of columns and states.
"""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contacts.exports import sources
from contacts.exports.formats import Column
from delivery.models import Message
from delivery.models.message import RETRIED, reason_text
from kernel import parameters

KIND = "recipients"
FROM = """
FROM delivery_message m JOIN contacts_contact c ON c.workspace_id = m.workspace_id AND c.id = m.contact_id
WHERE m.workspace_id = %(workspace)s AND m.batch_id = ANY(%(batches)s) AND {condition} AND NOT (
    -- Whoever was tried again is listed where they were tried last.
    starts_with(m.reason, %(retried)s) AND EXISTS (SELECT FROM delivery_message r WHERE r.contact_id = m.contact_id
        AND r.batch_id = substring(m.reason FROM '[0-9]+$')::bigint OFFSET 0))
"""
ROWS = f"""
SELECT c.email, c.first_name, c.last_name, m.state, m.reason,
       CASE WHEN m.state = {Message.State.ACCEPTED:d} THEN {sources.UTC_TEXT.format("m.settled_at")} END,
       {sources.UTC_TEXT.format("m.opened_at")}, {sources.UTC_TEXT.format("m.clicked_at")}
"""
FACTS = {"opened": "m.opened_at IS NOT NULL", "clicked": "m.clicked_at IS NOT NULL"}
STATE, REASON = 3, 4


def scope(batches: list[int], state: str, language: str) -> dict:
    """What to export, for `contacts.exports.asking.ask`."""
    return {"batches": batches, "state": state, "language": language}


def source(workspace_id: int, wanted: dict) -> sources.Source:
    """The rows: one for each message of the batches, in the order in which they were planned."""
    condition = _condition(wanted["state"])
    values = {"workspace": workspace_id, "batches": wanted["batches"], "retried": RETRIED}
    language = wanted["language"]
    with translation.override(language):
        states = {int(value): str(label) for value, label in Message.State.choices}
        columns = [
            *(_("E-mail"), _("First name"), _("Last name"), _("State"), _("Reason")),
            *(pgettext("column", "Sent"), pgettext("column", "Opened"), pgettext("column", "Clicked")),
        ]
    reasons = _Reasons(language)
    return sources.Source(
        [Column(name) for name in columns],
        f"{ROWS} {FROM.format(condition=condition)} ORDER BY m.batch_id, m.contact_id",
        values,
        lambda row: (*row[:STATE], states[row[STATE]], reasons[row[REASON]], *row[REASON + 1 :]),
        sources.number(f"SELECT count(*) {FROM.format(condition=condition)}", values),
    )


class _Reasons(dict[str, str]):
    """The text of each reason in a language, looked up once."""

    def __init__(self, language: str):
        super().__init__()
        self._language = language

    def __missing__(self, reason: str) -> str:
        with translation.override(self._language):
            self[reason] = reason_text(reason)
        return self[reason]


def _condition(state: str) -> str:
    """SQL on a message `m` for the filter of the page: a fact, or the number of a state; anything else is no filter."""
    number = parameters.as_number(state)
    if number in Message.State.values:
        return f"m.state = {number:d}"
    return FACTS.get(state, "TRUE")
