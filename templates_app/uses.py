"""Where templates are used: campaigns today. An app that uses templates adds itself to USES when it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from kernel.extensions import Extensions
from kernel.links import HasSlug
from templates_app.models import MessageTemplate

MOST_SHOWN = 100  # things on the page of a template


@dataclass(frozen=True)
class Thing:
    """Something that uses a template: its name and the address of its page."""

    name: str
    address: str


@dataclass(frozen=True, eq=False)
class Use:
    """One kind of thing that uses templates.

    `in_words(n)` is "3 campaigns". `counts(ids)`: how many use each of these templates, in one statement, without
    those that none uses. `things(template, workspace, most)`: the newest of them. `worded(words)`: the ids of the
    templates that one of them gives a subject with all these folded words (kernel.words.fold).
    `sent(version_ids, workspace)`: what sent each of these versions, in one statement."""

    in_words: Callable[[int], str]
    counts: Callable[[Sequence[int]], Mapping[int, int]]
    things: Callable[[MessageTemplate, HasSlug, int], list[Thing]]
    worded: Callable[[Sequence[str]], QuerySet]
    sent: Callable[[Sequence[int], HasSlug], Mapping[int, list[Thing]]]


USES: Extensions[Use] = Extensions("uses of templates", "What uses templates: shown on their cards and their pages.")


def counted(templates: Iterable[MessageTemplate]) -> dict[int, list[str]]:
    """By the id of each template, in words, what uses it: ["2 campaigns", "1 automation"]. A statement for each kind of
    thing, however many templates there are."""
    ids = [template.pk for template in templates]
    found: dict[int, list[str]] = {pk: [] for pk in ids}
    for use in USES:
        for pk, n in use.counts(ids).items():
            found[pk].append(use.in_words(n))
    return found


def of_template(template: MessageTemplate, workspace: HasSlug) -> list[tuple[str, list[Thing]]]:
    """(how many, in words; the newest of them) for each kind of thing that uses the template."""
    counted_by_use = [(use, use.counts([template.pk]).get(template.pk, 0)) for use in USES]
    return [(use.in_words(n), use.things(template, workspace, MOST_SHOWN)) for use, n in counted_by_use if n]


def that_sent(version_ids: Sequence[int], workspace: HasSlug) -> dict[int, list[Thing]]:
    """By the id of each version, what sent it."""
    found: dict[int, list[Thing]] = {pk: [] for pk in version_ids}
    for use in USES:
        for pk, things in use.sent(version_ids, workspace).items():
            found[pk] += things
    return found
