"""Send one test message through a workspace's default account and wait for the result."""

import time

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Workspace
from delivery.batching import fill
from delivery.models import Batch, Message, ProviderAccount, Sender
from delivery.models.message import reason_text
from delivery.registry import FIRST
from delivery.send_tests import send_test
from delivery.sending import lane
from kernel.tenancy import scope
from templates_app.models import MessageTemplate
from templates_app.starters import LETTER


class Command(BaseCommand):
    help = "Send one test message through a workspace's default account."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("workspace", help="the workspace's slug")
        parser.add_argument("to", help="an e-mail address")

    def handle(self, workspace: str, to: str, **options) -> None:
        found = Workspace.objects.filter(slug=workspace).first()
        if found is None:
            raise CommandError(f"There is no workspace {workspace!r}.")
        with scope(found):
            account = ProviderAccount.default_of(FIRST)
            sender = Sender.objects.present().filter(channel=FIRST).first()
            if not account or not sender:
                raise CommandError("The workspace has no default provider account or no sender.")
            template = MessageTemplate(name=str(LETTER.name), html=LETTER.html)
            batch = send_test(
                name="send_test",
                subject="Test",
                template=template,
                sender=sender,
                account=account,
                to=to,
                workspace=found,
            )
        fill(batch.pk)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            lane.run(budget=5)
            with scope(found):
                message = Message.objects.get(batch=batch)
                if message.state != Message.State.QUEUED:
                    break
                batch.account.refresh_from_db()
                if batch.account.last_problem:
                    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.CANCELLED)
                    raise CommandError(batch.account.last_problem)
            time.sleep(0.2)
        self.stdout.write(f"{message.get_state_display()} {reason_text(message.reason)} {message.detail}".strip())
        if message.state != Message.State.ACCEPTED:
            raise CommandError("The message was not accepted.")
