"""The channel: its address is the phone number, its status is the column of SMS."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django import forms

from accounts.models import User
from contacts.models import Contact
from delivery.channels.channel import Channel, Draft, L, Shown
from delivery.checklist import Check
from delivery.models import Batch, CapturedMessage, Sender
from tests.delivery.toy.content import ToyComposer, ToyContent

TESTER = "+33600000000"


class ToySenderForm(forms.ModelForm):
    number = forms.CharField()

    class Meta:
        model = Sender
        fields = ["name"]

    def saved(self) -> bool:
        if not self.is_valid():
            return False
        self.instance.identity = {"number": self.cleaned_data["number"]}
        self.save()
        return True


class Toy(Channel):
    slug = "toy"
    label = "Toy texts"
    left_text = "No more toy texts from %(name)s."
    leave_text = "Stop toy texts from %(name)s to %(masked)s?"
    sender_form = ToySenderForm
    identity = ("number",)

    def identity_of(self, sender: Sender) -> dict[str, str]:
        return {"number": sender.identity["number"]}

    def test_recipients(self, person: User) -> list[str]:
        return [TESTER]

    def freeze(self, draft: Draft, *, to: str = "", as_contact: int | None = None) -> ToyContent:
        return ToyContent(draft.template.text, **self.identity_of(draft.sender), to=to, as_contact=as_contact)

    def read(self, batch: Batch) -> ToyContent:
        return ToyContent.of(batch)

    def composer(self, workspace_id, batch_id, content, *, unsubscribable=True, is_test=False) -> ToyComposer:
        return ToyComposer(workspace_id, batch_id, content, is_test=is_test)

    def sender_text(self, content: ToyContent) -> str:
        return content.number

    def limit_of(self, recipient: str, limits: Mapping[str, L]) -> L | None:
        found = [prefix for prefix in limits if recipient.startswith(prefix)]
        return limits[max(found, key=len)] if found else None

    def checks(self, draft: Draft, recipients: Callable[[], list[Contact] | None]) -> list[Check]:
        if draft.template is None:
            return [Check("blocker", "Choose a text.", "campaigns:edit")]
        if "unsubscribe_url" not in draft.template.text:
            return [Check("blocker", "The text doesn't say how to end it.", "campaigns:edit")]
        return [Check("ok", "The text says how to end it.")]

    def show(self, captured: CapturedMessage) -> Shown:
        return Shown(text=bytes(captured.source).decode())
