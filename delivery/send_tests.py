"""A test: the real message, with all its headers and links, to one address. Only its effects are none: its links show
what they would do, nothing is counted or reported, and who gets it becomes no contact."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _

from accounts import audit, mail_limits
from accounts.actors import Actor
from accounts.models import Workspace
from billing.models import Quota
from contacts.segments.audience import Audience
from delivery import batching, registry, testers
from delivery.channels.channel import Draft, Translation
from delivery.models import Batch, ProviderAccount, Sender
from templates_app.models import MessageTemplate


def ask_for(actor: Actor, *, to: str, workspace: Workspace, **content: Any) -> Batch:
    """Send a test that a member asks for, within the limits. Raises testers.Refused."""
    channel = content["template"].channel
    if testers.complained(to, channel):
        raise testers.Refused(_("This address reported a message as spam, so no tests are sent to it."))
    quota = Quota.objects.current(channel).first()
    if quota is not None and not quota.left:
        raise testers.Refused(_("Your quota is used up. Tests count in it, too."))
    if not mail_limits.may_test(actor.user, to):
        raise testers.Refused(_("Too many tests were sent in the last hour. Try again later."))
    batch = send_test(to=to, workspace=workspace, **content)
    audit.record(actor, "test.sent", batch)
    return batch


def send_test(
    *,
    name: str,
    subject: str,
    template: MessageTemplate,
    sender: Sender,
    account: ProviderAccount,
    to: str,
    as_contact: int | None = None,
    preheader: str = "",
    translations: Mapping[str, Translation] = MappingProxyType({}),
    language: str = "",
    workspace: Workspace,
) -> Batch:
    """Open a batch of one message, filled in as the contact with the id `as_contact`, else as the tester's own.
    `language`: the code of a translation to be sent in place of the original."""
    said = Draft(workspace, template, sender, subject, preheader, translations).in_language(language)
    mark = _("Test")
    draft = replace(said, subject=f"[{mark}] {said.subject}")
    content = registry.channel(template.channel).freeze(draft, to=to, as_contact=as_contact)
    return batching.open_batch(
        name=name,
        content=content,
        account=account,
        audience=Audience(),
        purpose=Batch.Purpose.TEST,
        source="tester",
    )
