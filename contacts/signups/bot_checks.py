"""People and programs on public forms: a field that only programs fill in, a clock, a proof of work, a captcha's hook.

Who shows no proof (no JavaScript, or a form in the merchant's own page) gets a page with one button; whoever presses it
without a proof is let in as doubtful, and has to confirm by e-mail whatever the form says.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from contacts.consent.ledger import wording_version
from contacts.models import SignupForm
from kernel import throttle
from kernel.links import BadToken, read_ids, sign_ids

TRAP = "website"  # nobody sees it
SHOWN, ASKED = "form_shown", "form_asked"
FASTEST = 2  # seconds; people need longer to fill in a form
OLDEST = 24 * 3600


class Verdict(StrEnum):
    PERSON = "person"
    DOUBTFUL = "doubtful"  # let in, but the address's owner has to confirm
    PROGRAM = "program"
    UNPROVEN = "unproven"  # show the page with the button
    HASTY = "hasty"
    STALE = "stale"
    REWORDED = "reworded"  # what they agreed to is not what the form says now
    CAPTCHA = "captcha"


class Captcha(Protocol):
    """What the setting FORM_CAPTCHA may name; docs/guides/add-a-captcha.md has an example."""

    #: Sources to add to the page's content security policy, by directive.
    policy: dict[str, list[str]]

    def markup(self) -> str:
        """HTML for the form, safe as it is."""
        ...

    def passes(self, request: HttpRequest) -> bool: ...


@lru_cache(maxsize=1)
def _captcha(path: str) -> Captcha | None:
    return import_string(path)() if path else None


def captcha() -> Captcha | None:
    return _captcha(settings.FORM_CAPTCHA)


@dataclass(frozen=True)
class Stamp:
    """When a page was shown, and with which wording of the consent: signed, good for one sign-up, and the challenge of
    its proof of work."""

    purpose: str
    age: float
    wording: int


def stamp(form: SignupForm, *, purpose: str = SHOWN) -> str:
    return sign_ids(purpose, form.pk, int(time.time()), _wording(form), secrets.randbits(48))


def _wording(form: SignupForm) -> int:
    return int(wording_version(form.wording), 16)


def judge(request: HttpRequest, form: SignupForm) -> Verdict:
    if request.POST.get(TRAP):
        return Verdict.PROGRAM
    text = request.POST.get("stamp", "")
    found = _read(text, form.pk)
    if found is None:
        return Verdict.UNPROVEN
    if found.wording != _wording(form):
        return Verdict.REWORDED
    if found.age > OLDEST:
        return Verdict.STALE
    if found.purpose == SHOWN and found.age < FASTEST:
        return Verdict.HASTY
    if (asked := captcha()) and not asked.passes(request):
        return Verdict.CAPTCHA
    if not settings.FORM_PROOF_OF_WORK or is_proof(text, request.POST.get("proof", "")):
        return Verdict.PERSON
    return Verdict.DOUBTFUL if found.purpose == ASKED else Verdict.UNPROVEN


def use(stamp: str) -> bool:
    """False where a sign-up was made with this stamp before."""
    return throttle.take("stamp", stamp, most=1, seconds=OLDEST + 3600)


def is_proof(challenge: str, answer: str) -> bool:
    """Whether SHA-256 over challenge and answer begins with FORM_PROOF_BITS zero bits."""
    if not 0 < len(answer) <= 20:
        return False
    digest = hashlib.sha256(f"{challenge}:{answer}".encode()).digest()
    return int.from_bytes(digest, "big") >> (256 - settings.FORM_PROOF_BITS) == 0


def _read(text: str, form_id: int) -> Stamp | None:
    for purpose in (SHOWN, ASKED):
        try:
            about, seconds, wording, _unique = read_ids(purpose, text)
        except (BadToken, ValueError):
            continue
        if about == form_id:
            return Stamp(purpose, time.time() - seconds, wording)
    return None
