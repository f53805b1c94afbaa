"""The sandbox: every message is kept on a page of the product and reaches nobody. The default of a new workspace."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from delivery.channels import base
from delivery.channels.email_sandbox.forms import SandboxForm
from delivery.models import CapturedMessage


class SandboxConnection(base.Connection):
    def __init__(self, batch):
        self._batch = batch

    def send(self, outgoing: base.Outgoing) -> base.Outcome:
        CapturedMessage.objects.using("engine").create(
            workspace_id=self._batch.workspace_id,
            batch_id=self._batch.pk,
            contact_id=outgoing.contact_id,
            recipient=outgoing.recipient,
            subject=outgoing.subject[:400],
            source=outgoing.source,
        )
        return base.Outcome(base.Result.ACCEPTED)

    def close(self) -> None:
        pass


class Sandbox(base.Provider):
    slug = "sandbox"
    channel = "email"
    label = gettext_lazy("Sandbox")
    form = SandboxForm
    connections = 1

    def connect(self, account, batch) -> SandboxConnection:
        return SandboxConnection(batch)

    def check(self, account) -> str:
        return _("The sandbox is ready. Messages are kept on the page “Sandbox”.")


PROVIDER = Sandbox()
