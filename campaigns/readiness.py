"""Is a campaign ready to be sent? All blockers and warnings; the page and the start of sending use the same list."""

from __future__ import annotations

import contextlib
import html
import re
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Campaign
from contacts.consent.consent_rules import Gate
from contacts.identity import merge_values
from contacts.models import Contact, ContactField
from contacts.segments import audience
from contacts.segments.counting import Count
from contacts.segments.definition import BadDefinition
from delivery import send_rules
from delivery.channels.email import content_checks
from delivery.checklist import MAX_LISTED, Check, listed
from delivery.models import Control, ProviderAccount
from kernel.templatetags.ui import number
from templates_app.merging import MergeError, Merger, TooCostly, allowance
from templates_app.merging.message_tags import LINKS, OF_MESSAGE
from templates_app.message_links import links_of
from templates_app.sanitising.allowed import PROTOCOLS

SAMPLE = 200  # recipients whose merge values are looked at
CONTENT_SECONDS = 5.0  # of CPU for all checks of the content, in a page
MERGED = 20  # recipients whose messages are merged
FIX = "templates:edit"
ANCHOR = re.compile(r"\s(?:id|name)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
ALWAYS_THERE = {"email", *OF_MESSAGE}


def checks(campaign: Campaign) -> list[Check]:
    found = [_sender(campaign), _account(campaign), *_audience(campaign), *_content(campaign)]
    if Control.banner_for(campaign.workspace_id):
        found.append(Check("warning", _("The platform has stopped all sending. Your campaign will wait.")))
    return found


def blockers(campaign: Campaign) -> list[Check]:
    return [check for check in checks(campaign) if check.level == "blocker"]


def account_of(campaign: Campaign) -> ProviderAccount | None:
    """The account that the campaign is sent through: the chosen one, else the default one."""
    if campaign.account_id:
        return ProviderAccount.objects.present().filter(pk=campaign.account_id).first()
    return ProviderAccount.objects.present().filter(channel="email", is_default=True).first()


def _sender(campaign: Campaign) -> Check:
    if campaign.sender is None or campaign.sender.deleted_at:
        return Check("blocker", _("Choose a sender."), "campaigns:edit")
    return Check("ok", _("Sender: %(sender)s") % {"sender": campaign.sender})


def _account(campaign: Campaign) -> Check:
    account = account_of(campaign)
    if account is None:
        return Check("blocker", _("Add a provider account to send e-mail."), "delivery:accounts")
    if account.is_sandbox:
        return Check("warning", _("Test mode: messages are kept in the sandbox and reach no one."), "delivery:accounts")
    if account.last_problem:
        return Check(
            "warning",
            _("Problem with the account “%(name)s”: %(problem)s") % {"name": account, "problem": account.last_problem},
        )
    return Check("ok", _("Send with: %(account)s") % {"account": account})


def _audience(campaign: Campaign) -> list[Check]:
    try:
        gate = send_rules.marketing(campaign.topic, account=account_of(campaign))
        found = audience.count_at_best(campaign.workspace_id, campaign.people, gate)
    except BadDefinition as problem:
        return [Check("blocker", text, "campaigns:edit") for text in problem.problems]
    return [*(_counted(found) if found.exact else _estimated(found)), *_out_of_reach(campaign, gate, found)]


def _out_of_reach(campaign: Campaign, gate: Gate, found: Count) -> list[Check]:
    """People whose addresses the account can't reach. Counted only where that is fast."""
    if not gate.params["ascii_only"]:
        return []
    without = audience.count(campaign.workspace_id, campaign.people, send_rules.marketing(campaign.topic))
    n = without.reachable - found.reachable
    if n <= 0 or not (without.exact and found.exact):
        return []
    text = ngettext(
        "%(n)s person has an address with accents before the @, which this account can't reach.",
        "%(n)s people have addresses with accents before the @, which this account can't reach.",
        n,
    )
    return [Check("warning", text % {"n": number(n)}, "delivery:accounts")]


def _counted(found: Count) -> list[Check]:
    n, skipped = found.reachable, found.people - found.reachable
    if not n:
        return [
            Check(
                "blocker",
                _("No one in this audience can receive this message. Add other lists, tags or segments."),
                "campaigns:edit",
            )
        ]
    text = ngettext("%(n)s person will receive this.", "%(n)s people will receive this.", n)
    checks = [Check("ok", text % {"n": number(n)})]
    if skipped:
        text = ngettext(
            "%(n)s person is left out (unsubscribed, no consent, or paused).",
            "%(n)s people are left out (unsubscribed, no consent, or paused).",
            skipped,
        )
        checks.append(Check("ok", text % {"n": number(skipped)}))
    return checks


def _estimated(found: Count) -> list[Check]:
    """An estimate is never a blocker: where few people match, it may find none of them."""
    n = found.reachable
    if not n:
        text = _("Probably very few people will receive this. Counting took too long, and the estimate found no one.")
        return [Check("warning", text, "campaigns:edit")]
    if found.reachable_between is not None:
        low, high = found.reachable_between
        text = _("About %(n)s people will receive this (between %(low)s and %(high)s).")
        return [Check("ok", text % {"n": number(n), "low": number(low), "high": number(high)})]
    text = ngettext("About %(n)s person will receive this.", "About %(n)s people will receive this.", n)
    return [Check("ok", text % {"n": number(n)})]


def _content(campaign: Campaign) -> list[Check]:
    """What there is to say about the content; a blocker where finding it out takes too long."""
    found: list[Check] = []
    with allowance(CONTENT_SECONDS) as spent, contextlib.suppress(TooCostly):
        found = _content_checks(campaign)
    if found and not spent.is_used_up:
        return found
    text = _("The template takes too long to merge, so it can't be checked. Use fewer loops, conditions and filters.")
    return [*found, Check("blocker", text, FIX)]


def _content_checks(campaign: Campaign) -> list[Check]:
    if not campaign.subject.strip():
        return [Check("blocker", _("Add a subject."), "campaigns:edit")]
    if campaign.template is None or campaign.template.deleted_at:
        return [Check("blocker", _("Choose a template."), "campaigns:edit")]
    template = campaign.template
    try:
        subject = Merger(campaign.subject, html=False)
        preheader = Merger(campaign.preheader, html=False)
        body, text = Merger(template.html, html=True), Merger(template.text_part, html=False)
    except MergeError as problem:
        return [Check("blocker", _("A merge tag can't be read: %(problem)s") % {"problem": problem}, "campaigns:edit")]
    used = body.variables() | text.variables() | subject.variables() | preheader.variables()
    own_fields = list(ContactField.objects.present().values_list("name", flat=True))
    known = {*ALWAYS_THERE, *merge_values.NAMES, *own_fields}
    recipients = _sample(campaign) if (used & known) - ALWAYS_THERE else []
    people = [person.merge_values() for person in recipients or []]
    unknown_person = dict.fromkeys(own_fields) | dict.fromkeys(merge_values.NAMES, "") | {"email": "a@example.com"}
    return [
        *content_checks.required_parts(template.html, unknown_person, people[:MERGED]),
        *_workspace_address(campaign),
        *_links(template.html),
        *content_checks.pictures(template.html),
        *content_checks.size(template.html, campaign.preheader, campaign.workspace_id, people[:MERGED]),
        *content_checks.other_products(campaign.subject, campaign.preheader, template.html, template.text),
        *_fields(used, known, None if recipients is None else people, [subject, body, text]),
    ]


def _workspace_address(campaign: Campaign) -> list[Check]:
    if campaign.workspace.postal_address.strip():
        return []
    return [Check("blocker", _("The workspace has no postal address. Add it in Settings."), "settings:workspace")]


def _links(source: str) -> list[Check]:
    links = links_of(source)
    broken = [link.target for link in links if not _is_link(link.target)]
    anchors = {html.unescape(double or single) for double, single in ANCHOR.findall(source)}
    dead = [link.target for link in links if link.target.startswith("#") and unquote(link.target[1:]) not in anchors]
    uncounted = [link.target for link in links if _has_tags(link.target) and link.target.strip("{}- ") not in LINKS]
    found = [
        *listed("blocker", _named(_("This link doesn't work: “%(link)s”. Links start with https://"), broken), FIX),
        *listed(
            "warning", _named(_("This link leads to a place that the message doesn't have: “%(link)s”."), dead), FIX
        ),
        *listed("ok", _named(_("Clicks on “%(link)s” are not counted, because it has merge tags."), uncounted)),
    ]
    return found if broken or dead else [Check("ok", _("Links are valid")), *found]


def _named(text: str, links: list[str]) -> list[str]:
    return [text % {"link": link[:80]} for link in links]


def _has_tags(target: str) -> bool:
    return "{{" in target or "{%" in target


def _is_link(target: str) -> bool:
    if _has_tags(target) or target.startswith("#"):
        return True
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    if parts.scheme in ("http", "https"):
        host = parts.hostname or ""
        return "." in host and " " not in host
    return parts.scheme in PROTOCOLS - {"cid"} and bool(parts.path or parts.netloc)


def _sample(campaign: Campaign) -> list[Contact] | None:
    gate = send_rules.marketing(campaign.topic)
    try:
        return audience.sample(campaign.workspace_id, campaign.people, SAMPLE, gate)
    except BadDefinition:
        return []  # _audience reports it


def _fields(used: set[str], known: set[str], people: list[dict] | None, merged: list[Merger]) -> list[Check]:
    """Check merge tags: unknown ones, ones that are empty for real recipients, and ones that can't be rendered."""
    unknown = sorted(used - known)
    found = [
        Check("warning", _("Unknown merge tag {{ %(tag)s }}. It will be empty.") % {"tag": tag}, FIX)
        for tag in unknown[:MAX_LISTED]
    ]
    if people is None:
        text = _("Finding recipients took too long, so merge tag values were not checked.")
        return [*found, Check("warning", text)]
    for name in sorted((used & known) - ALWAYS_THERE):
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
