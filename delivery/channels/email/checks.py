"""What there is to say about a mail before it is sent: what readers miss, links that don't work, merge tags without
values."""

from __future__ import annotations

import contextlib
import html
import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import unquote

from django.utils.translation import gettext as _

from contacts.identity import merge_values
from contacts.models import Contact, ContactField
from delivery.channels.channel import Draft
from delivery.channels.email import content_checks
from delivery.checklist import MAX_LISTED, Check, listed
from templates_app import translating
from templates_app.link_addresses import has_tags, is_example, is_link
from templates_app.merging import MergeError, Merger, TooCostly, allowance
from templates_app.merging.message_tags import LINKS, OF_MESSAGE
from templates_app.message_links import links_of
from templates_app.reading.spintax_slips import slips

Recipients = Callable[[], list[Contact] | None]

CONTENT_SECONDS = 5.0  # of CPU for all checks of the content, in a page
SECONDS_A_LANGUAGE = 1.0  # besides, for each translation
MERGED = 20  # recipients whose messages are merged
FIX = "templates:edit"
ANCHOR = re.compile(r"\s(?:id|name)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
ALWAYS_THERE = {"email", *OF_MESSAGE}


def of_draft(draft: Draft, recipients: Recipients) -> list[Check]:
    """What there is to say about the content; a blocker where finding it out takes too long."""
    found: list[Check] = []
    seconds = CONTENT_SECONDS + SECONDS_A_LANGUAGE * len(draft.translations)
    with allowance(seconds) as spent, contextlib.suppress(TooCostly):
        found = _checks(draft.in_language(""), recipients)
        for code in draft.translations:
            found += _of_translation(draft, code, recipients)
    if found and not spent.is_used_up:
        return found
    text = _("The template takes too long to merge, so it can't be checked. Use fewer loops, conditions and filters.")
    return [*found, Check("blocker", text, FIX)]


def _checks(draft: Draft, recipients: Recipients) -> list[Check]:
    if not draft.subject.strip():
        return [Check("blocker", _("Add a subject."), "campaigns:edit")]
    if draft.template is None or draft.template.deleted_at:
        return [Check("blocker", _("Choose a template."), "campaigns:edit")]
    template = draft.template
    try:
        subject = Merger(draft.subject, html=False)
        preheader = Merger(draft.preheader, html=False)
        body, text = Merger(template.html, html=True), Merger(template.text_part, html=False)
    except MergeError as problem:
        return [Check("blocker", _("A merge tag can't be read: %(problem)s") % {"problem": problem}, "campaigns:edit")]
    parts = (body, text, subject, preheader)
    used, shown = (
        set().union(*names) for names in zip(*((one.variables(), one.shown()) for one in parts), strict=True)
    )
    own_fields = list(ContactField.objects.present().values_list("name", flat=True))
    known = {*ALWAYS_THERE, *merge_values.NAMES, *own_fields}
    found = recipients() if (used & known) - ALWAYS_THERE else []
    people = [person.merge_values() for person in found or []]
    unknown_person = dict.fromkeys(own_fields) | dict.fromkeys(merge_values.NAMES, "") | {"email": "a@example.com"}
    return [
        *content_checks.of_parts(template.html, unknown_person, people[:MERGED]),
        *_workspace_address(draft),
        *_links(template.html),
        *content_checks.pictures(template.html),
        *content_checks.size(template.html, draft.preheader, draft.workspace.pk, people[:MERGED]),
        *_spintax(draft),
        *content_checks.other_products(draft.subject, draft.preheader, template.html, template.text),
        *_fields(used, shown, known, None if found is None else people, [subject, body, text]),
    ]


def _of_translation(draft: Draft, code: str, recipients: Recipients) -> list[Check]:
    """What has to be done about a translation; only that, under the name of its language."""
    name = translating.name_of(code)
    found = [check for check in _checks(draft.in_language(code), recipients) if check.level != "ok"]
    translation = draft.translations[code]
    if not translation.subject.strip():
        text = _("It has no subject of its own; its readers get the original's.")
        found.append(Check("warning", text, "campaigns:translations"))
    text = _("%(language)s: %(problem)s")
    return [
        replace(check, text=text % {"language": name, "problem": check.text}, template_id=translation.template.pk)
        for check in found
    ]


def _workspace_address(draft: Draft) -> list[Check]:
    if draft.workspace.postal_address.strip():
        return []
    return [Check("blocker", _("The workspace has no postal address. Add it in Settings."), "settings:workspace")]


def _spintax(draft: Draft) -> list[Check]:
    """Braces without an end where no list of findings stands beside the field."""
    text = _("Options in braces without an end: “%(words)s”")
    found = [text % {"words": words} for part in (draft.subject, draft.preheader) for words in slips(part)]
    return listed("warning", found, "campaigns:edit")


def _links(source: str) -> list[Check]:
    links = links_of(source)
    broken = [link.target for link in links if not is_link(link.target)]
    anchors = {html.unescape(double or single) for double, single in ANCHOR.findall(source)}
    dead = [link.target for link in links if link.target.startswith("#") and unquote(link.target[1:]) not in anchors]
    examples = [link.target for link in links if is_example(link.target)]
    uncounted = [
        link.target
        for link in links
        if has_tags(link.target) and not link.is_countable and link.target.strip("{}- ") not in LINKS
    ]
    found = [
        *listed("blocker", _named(_("This link doesn't work: “%(link)s”. Links start with https://"), broken), FIX),
        *listed(
            "warning", _named(_("This link leads to a place that the message doesn't have: “%(link)s”."), dead), FIX
        ),
        *listed("warning", _named(_("This link still leads to the example's page: “%(link)s”."), examples), FIX),
        *listed(
            "ok",
            _named(_("Clicks on “%(link)s” are not counted, because a merge tag decides where it leads."), uncounted),
        ),
    ]
    return found if broken or dead else [Check("ok", _("Links are valid")), *found]


def _named(text: str, links: list[str]) -> list[str]:
    return [text % {"link": link[:80]} for link in links]


def _fields(
    used: set[str], shown: set[str], known: set[str], people: list[dict] | None, merged: list[Merger]
) -> list[Check]:
    """Check merge tags: unknown ones, ones that are empty for real recipients, and ones that can't be rendered."""
    unknown = sorted(used - known)
    found = [
        Check("warning", _("Unknown merge tag {{ %(tag)s }}. It will be empty.") % {"tag": tag}, FIX)
        for tag in unknown[:MAX_LISTED]
    ]
    if people is None:
        text = _("Finding recipients took too long, so merge tag values were not checked.")
        return [*found, Check("warning", text)]
    for name in sorted((shown & known) - ALWAYS_THERE):
        missing = sum(person.get(name) in (None, "") for person in people)
        if missing:
            text = _("{{ %(tag)s }} is empty for %(n)d of the first %(size)d recipients. Add a fallback.")
            found.append(Check("warning", text % {"tag": name, "n": missing, "size": len(people)}, FIX))
    for person in people[:MERGED]:
        try:
            for merger in merged:
                merger.render(person)
        except MergeError as problem:
            found.append(Check("blocker", _("The template can't be merged: %(problem)s") % {"problem": problem}))
            break
    return found or [Check("ok", _("Merge tags have values"))]
