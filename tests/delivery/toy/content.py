"""What a text message says, and how one person's is made of it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import ClassVar

from delivery import tracking
from delivery.channels.base import Outgoing
from delivery.models import Batch
from templates_app.merging import Merger

CHARACTERS_PER_UNIT = 20


@dataclass(slots=True)
class ToyText(Outgoing):
    text: str

    @property
    def title(self) -> str:
        return self.text[:40]

    @property
    def stored(self) -> bytes:
        return self.text.encode()


@dataclass(frozen=True)
class ToyContent:
    channel: ClassVar[str] = "toy"
    kind: ClassVar[str] = "toy"

    text: str
    number: str
    to: str = ""
    as_contact: int | None = None

    @classmethod
    def of(cls, batch: Batch) -> ToyContent:
        if batch.content is None:
            raise TypeError
        return cls(**batch.content.body, **batch.parameters)

    def body(self) -> dict:
        return {"text": self.text}

    def parameters(self) -> dict:
        return {name: value for name, value in asdict(self).items() if name != "text"}

    def prepared(self, *, is_tracked: bool) -> ToyContent:
        return self


class ToyComposer:
    def __init__(self, workspace_id: int, batch_id: int, content: ToyContent, *, is_test: bool):
        purpose = tracking.TEST if is_test else tracking.MESSAGE
        self._sign = tracking.signer(purpose, workspace_id, batch_id).sign
        self._batch_id, self._content, self._text = batch_id, content, Merger(content.text, html=False)

    def compose(self, contact_id: int, recipient: str, merge_values: dict) -> ToyText:
        text = self._text.render({**merge_values, **tracking.addresses(self._sign(contact_id))})
        return ToyText(
            contact_id,
            self._content.number,
            self._content.to or recipient,
            text,
            batch_id=self._batch_id,
            units=math.ceil(len(text) / CHARACTERS_PER_UNIT),
        )
