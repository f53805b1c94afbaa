"""Says what an import will do: whom it subscribes, and what it creates, for the page of its forecast."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.imports.consent_answers import PROOFS
from contacts.models import Channel, ContactImport

MANY_EVENT_NAMES = 20  # new ones in one file: most shops have a handful
OUTCOMES = {
    "subscribed": _("Will be subscribed"),
    "already": _("Subscribed already"),
    "file": _("Not subscribed: the file doesn't say yes"),
    "opted_out": _("Not subscribed: opted out or bounced before"),
    "no_address": _("Not subscribed: no address of this channel"),
}
CREATIONS = {
    "fields": _("Fields"),
    "tags": _("Tags"),
    "lists": _("Lists"),
    "companies": _("Companies"),
}


def consent(counts: Mapping[str, Mapping[str, int]]) -> list[tuple[str, list[tuple[str, int]]]]:
    """(channel, [(what becomes of people, how many)]) of the channels of a forecast. Nobody is only shown where it
    matters: as the number of those who will be subscribed."""
    return [
        (
            str(Channel(channel).label),
            [
                (str(label), counts[channel].get(outcome, 0))
                for outcome, label in OUTCOMES.items()
                if counts[channel].get(outcome) or outcome == "subscribed"
            ],
        )
        for channel in Channel.values
        if channel in counts
    ]


def creations(found: Mapping[str, Mapping]) -> list[tuple[str, list[str], int, int]]:
    """(kind, first names, how many more, how many) of what a forecast says will be created."""
    return [
        (str(label), found[kind]["names"], found[kind]["count"] - len(found[kind]["names"]), found[kind]["count"])
        for kind, label in CREATIONS.items()
        if kind in found
    ]


def event_names(new: int) -> str:
    """A warning about a file with so many new names of events that the column is probably another one; else empty."""
    if new <= MANY_EVENT_NAMES:
        return ""
    text = gettext(
        "The file has %(n)s different events that you don't have yet. Is it the right column for “Name of the event”? "
        "The same thing has the same name each time, such as “Order”."
    )
    return text % {"n": number_format(new, force_grouping=True)}


def brings_proof(contact_import: ContactImport) -> bool:
    """Whether rows of the file have their own proof of consent."""
    return not set(PROOFS).isdisjoint(contact_import.mapping)
