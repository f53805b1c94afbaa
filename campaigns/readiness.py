"""Is a campaign ready to be sent? All blockers and warnings; the page and the start of sending use the same list."""

from __future__ import annotations

from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Campaign
from contacts.consent.consent_rules import Gate
from contacts.models import Contact
from contacts.segments import audience
from contacts.segments.counting import Count
from contacts.segments.definition import BadDefinition
from delivery import registry, send_rules
from delivery.channels.channel import Draft, Translation
from delivery.checklist import Check
from delivery.models import Control, ProviderAccount
from kernel.templatetags.ui import number
from templates_app import translating

SAMPLE = 200  # recipients whose merge values are looked at


def checks(campaign: Campaign) -> list[Check]:
    found = [_sender(campaign), _account(campaign), *_audience(campaign)]
    found += registry.channel(campaign.channel).checks(draft_of(campaign), partial(_sample, campaign))
    if Control.banner_for(campaign.workspace_id):
        found.append(Check("warning", _("The platform has stopped all sending. Your campaign will wait.")))
    return found


def blockers(campaign: Campaign) -> list[Check]:
    return [check for check in checks(campaign) if check.level == "blocker"]


def draft_of(campaign: Campaign) -> Draft:
    """The campaign's content, as its channel reads it."""
    return Draft(
        campaign.workspace,
        campaign.template,
        campaign.sender,
        campaign.subject,
        campaign.preheader,
        translations_of(campaign),
    )


def translations_of(campaign: Campaign) -> dict[str, Translation]:
    """What the campaign says in the languages of its template, by code."""
    if campaign.template is None:
        return {}
    return {
        one.language: Translation(one, **campaign.translations.get(one.language, {}))
        for one in translating.translations_of(campaign.template, whole=True)
    }


def account_of(campaign: Campaign) -> ProviderAccount | None:
    """The account that the campaign is sent through: the chosen one, else the default one."""
    if campaign.account_id:
        return ProviderAccount.serving(campaign.channel).filter(pk=campaign.account_id).first()
    return ProviderAccount.default_of(campaign.channel)


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
        gate = send_rules.marketing(campaign.topic, campaign.channel, account=account_of(campaign))
        found = audience.count_at_best(campaign.workspace_id, campaign.people, gate)
    except BadDefinition as problem:
        return [Check("blocker", text, "campaigns:edit") for text in problem.problems]
    return [*(_counted(found) if found.exact else _estimated(found)), *_out_of_reach(campaign, gate, found)]


def _out_of_reach(campaign: Campaign, gate: Gate, found: Count) -> list[Check]:
    """People whose addresses the account can't reach. Counted only where that is fast."""
    if not gate.params["ascii_only"]:
        return []
    without = audience.count(
        campaign.workspace_id, campaign.people, send_rules.marketing(campaign.topic, campaign.channel)
    )
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


def _sample(campaign: Campaign) -> list[Contact] | None:
    gate = send_rules.marketing(campaign.topic, campaign.channel)
    try:
        return audience.sample(campaign.workspace_id, campaign.people, SAMPLE, gate)
    except BadDefinition:
        return []  # _audience reports it
