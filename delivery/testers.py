"""Who may get tests: the members, and other addresses whose owners agreed."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, emails, mail_limits
from accounts.actors import Actor
from accounts.models import Membership, User, Workspace
from contacts.consent import consent_rules, suppression_list
from contacts.models import Contact, Suppression
from delivery.models import SeedList, Tester
from delivery.registry import FIRST
from kernel.links import absolute, sign_ids
from kernel.tenancy import require_workspace_id

LINK = "tester"  # the purpose of the token in the mail that asks: workspace, tester


class Refused(Exception):
    """It can't be done; the message is for the person who asked."""


def addresses(person: User) -> list[str]:
    """Where this member may send tests: their own confirmed addresses first, then other members', then testers'."""
    own = [
        person.email,
        *EmailAddress.objects.filter(user=person, verified=True).order_by("email").values_list("email", flat=True),
    ]
    members = Membership.objects.filter(workspace_id=require_workspace_id(), user__is_active=True)
    confirmed = Tester.objects.exclude(confirmed_at=None)
    others = [
        *members.order_by("user__email").values_list("user__email", flat=True),
        *confirmed.values_list("email", flat=True),
    ]
    return list(dict.fromkeys(address.lower() for address in [*own, *others]))


def complained(address: str, channel: str = FIRST) -> bool:
    """Whether this address reported a message of this workspace as spam. It gets no test either."""
    found = suppression_list.of_address(channel, address)
    if found is not None and found.reason == Suppression.Reason.COMPLAINED:
        return True
    columns = {consent_rules.ADDRESS[channel]: address, consent_rules.STATUS[channel]: Contact.Status.COMPLAINED}
    return Contact.objects.filter(**columns).exists()


def ask(actor: Actor, workspace: Workspace, address: str) -> Tester:
    """Ask the address's owner whether tests may go there; a second time, too, where there was no answer. Raises
    Refused."""
    if complained(address):
        raise Refused(_("This address reported a message as spam, so no tests are sent to it."))
    if not mail_limits.may_invite(actor.user, address):
        raise Refused(_("Too many requests were sent in the last hour. Try again later."))
    tester, _created = Tester.objects.get_or_create(email=address, defaults={"added_by": actor.user})
    if tester.confirmed_at is None:
        tester.asked_at, tester.added_by = timezone.now(), actor.user
        tester.save(update_fields=["asked_at", "added_by"])
        emails.ask_tester(workspace, str(actor.user), absolute(path(tester)), to=address)
        audit.record(actor, "tester.asked", tester)
    return tester


def forget(tester: Tester) -> None:
    """Delete it: no tests go there any more, and no seed list names it."""
    for seed_list in SeedList.objects.filter(addresses__contains=[tester.email.lower()]):
        seed_list.addresses.remove(tester.email.lower())
        seed_list.save(update_fields=["addresses", "updated_at"])
    tester.delete()


def path(tester: Tester) -> str:
    """The page on which the address's owner agrees, or ends it."""
    return reverse("public:tester", args=[sign_ids(LINK, tester.workspace_id, tester.pk)])
