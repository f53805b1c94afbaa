"""The sandbox: messages are kept on a page of the product and never sent. The default of a new workspace."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

from django.db import DatabaseError, connections
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from delivery import registry
from delivery.channels import base
from delivery.models import CapturedMessage, ProviderAccount
from delivery.providers.provider import Provider
from delivery.providers.sandbox.forms import SandboxForm

AT_ONCE = 100
ACCEPTED = base.Outcome(base.Result.ACCEPTED)


class SandboxTransport(base.Transport):
    width = AT_ONCE

    def __init__(self, account: ProviderAccount, outbox: base.Outbox):
        super().__init__(outbox)
        self._workspace_id = account.workspace_id
        self._thread = ThreadPoolExecutor(1)
        self._task: asyncio.Task | None = None
        outbox.kick = self._kick

    def _kick(self) -> None:
        if len(self.outbox) and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._work())

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while taken := self._take():
            try:
                await loop.run_in_executor(self._thread, self._keep, taken)
                outcome = ACCEPTED
            except DatabaseError as problem:
                # One statement, so none of them was kept.
                outcome = base.Outcome(base.Result.NOT_STARTED, "not_started", type(problem).__name__)
            for outgoing in taken:
                outgoing.settle(outgoing.contact_id, outcome)

    def _take(self) -> list[base.Outgoing]:
        taken: list[base.Outgoing] = []
        while len(taken) < AT_ONCE and (outgoing := self.outbox.take()):
            if time.monotonic() > outgoing.latest:
                outgoing.settle(outgoing.contact_id, base.NOT_IN_TIME)
            else:
                taken.append(outgoing)
        return taken

    def _keep(self, taken: list[base.Outgoing]) -> None:
        CapturedMessage.objects.using("engine").bulk_create(
            [
                CapturedMessage(
                    workspace_id=self._workspace_id,
                    batch_id=outgoing.batch_id,
                    contact_id=outgoing.contact_id,
                    recipient=outgoing.recipient,
                    subject=outgoing.title[:400],
                    source=outgoing.stored,
                )
                for outgoing in taken
            ]
        )

    async def close(self) -> None:
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
        await asyncio.get_running_loop().run_in_executor(self._thread, connections.close_all)
        self._thread.shutdown(wait=False)


class Sandbox(Provider):
    slug = "sandbox"
    keeps_message_id = True
    takes_utf8_addresses = True
    label = gettext_lazy("Sandbox")
    form = SandboxForm

    @property
    def channels(self) -> tuple[str, ...]:  # type: ignore[override]  # of those that exist, not of those known here
        return tuple(registry.CHANNELS.names())

    def transport(self, account: ProviderAccount, outbox: base.Outbox) -> SandboxTransport:
        return SandboxTransport(account, outbox)

    def check(self, account: ProviderAccount) -> str:
        return _("The sandbox is ready. Find its messages on the Sandbox page.")


PROVIDER = Sandbox()
