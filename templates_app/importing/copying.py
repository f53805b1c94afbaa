"""Brings the pictures that a template shows from other servers into the library."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from kernel import web_client
from kernel.web_client import Deadline, Failed
from templates_app import picture_addresses
from templates_app.importing import picture_places, taking
from templates_app.pictures.decoding import MAX_BYTES, Refused

MOST = 50  # pictures at once
SECONDS = 60.0  # for all of them
SECONDS_EACH = 15.0


@dataclass
class Copied:
    """`addresses`: ours by theirs; `lost`: an address and why it stays."""

    addresses: dict[str, str] = field(default_factory=dict)
    lost: list[tuple[str, str]] = field(default_factory=list)


def elsewhere(html: str, workspace_id: int) -> list[str]:
    """The addresses of pictures on other servers, each once."""
    return [
        address
        for address in picture_places.addresses(html)
        if address.lower().startswith(("http://", "https://")) and not picture_addresses.keys_in(address, workspace_id)
    ]


def copy(html: str, workspace: Workspace, user: User) -> Copied:
    """Fetch them and keep them. Takes up to a minute: never call it in a transaction."""
    copied = Copied()
    until = time.monotonic() + SECONDS
    for address in elsewhere(html, workspace.pk):
        if len(copied.addresses) >= MOST or time.monotonic() > until:
            copied.lost.append((address, _("Not tried: there were too many at once. Copy once more.")))
        else:
            _copy_one(address, workspace, user, copied)
    return copied


def _copy_one(address: str, workspace: Workspace, user: User, copied: Copied) -> None:
    name = address.split("?", maxsplit=1)[0].rstrip("/").rpartition("/")[2] or "picture"
    try:
        answer = web_client.read(address, deadline=Deadline(SECONDS_EACH), most=MAX_BYTES)
        copied.addresses[address] = taking.keep(name, answer.body, workspace, user)
    except (Failed, Refused) as problem:
        copied.lost.append((address, str(problem)))


def with_ours(html: str, copied: Copied) -> str:
    return picture_places.rewritten(html, lambda address: copied.addresses.get(address, address))
