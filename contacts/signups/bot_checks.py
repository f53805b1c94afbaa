"""Tell people from programs on public forms: a hidden field, a clock, a proof of work, and a hook for a captcha.

Visitors without a proof of work (no JavaScript, or a form on the merchant's own page) get a page with one button. Those
who press it without a proof are accepted as doubtful: they have to confirm by e-mail, whatever the form says.
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
from kernel import parameters, throttle
from kernel.links import BadToken, read_ids, sign_ids

TRAP = "website"  # the name of the hidden field; people don't see it, programs fill it in
# The purposes of stamps: of the form, and of the page with one button.
SHOWN, ASKED = "form_shown", "form_asked"
MIN_SECONDS = 2  # people need longer to fill in a form
MAX_SECONDS = 24 * 3600


class Verdict(StrEnum):
    PERSON = "person"
    DOUBTFUL = "doubtful"  # accepted, but the address's owner has to confirm
    PROGRAM = "program"
    UNPROVEN = "unproven"  # show the page with the button
    HASTY = "hasty"  # faster than MIN_SECONDS
    STALE = "stale"  # the page was open longer than MAX_SECONDS
    REWORDED = "reworded"  # the consent's wording has changed since the page was shown
    CAPTCHA = "captcha"  # the captcha was not solved


class Captcha(Protocol):
    """What the setting FORM_CAPTCHA may name; docs/guides/add-a-captcha.md has an example."""

    #: Sources to add to the page's content security policy, by directive.
    policy: dict[str, list[str]]

    def markup(self) -> str:
        """HTML for the form, inserted unescaped."""
        ...

    def passes(self, request: HttpRequest) -> bool:
        """Whether the posted form solves the captcha."""
        ...


@lru_cache(maxsize=1)
def _captcha(path: str) -> Captcha | None:
    return import_string(path)() if path else None


def captcha() -> Captcha | None:
    """The operator's captcha (setting FORM_CAPTCHA), or None."""
    return _captcha(settings.FORM_CAPTCHA)


@dataclass(frozen=True)
class Stamp:
    """What a stamp says: the page it was made for, its age and the consent's wording.

    A stamp is a signed token in the form, valid for one sign-up. It is also the challenge of the proof of work.
    """

    purpose: str  # SHOWN or ASKED
    age: float  # seconds
    wording: int  # as of `_wording`


def stamp(form: SignupForm, *, purpose: str = SHOWN) -> str:
    """A new stamp for a page with this form."""
    return sign_ids(purpose, form.pk, int(time.time()), _wording(form), secrets.randbits(48))


def _wording(form: SignupForm) -> int:
    """The version of the consent's wording as a number of 64 bits."""
    return int(wording_version(form.wording), 16)


def passes_captcha(request: HttpRequest) -> bool:
    """Whether the posted form solves the operator's captcha; True where there is none. It may ask a server, so call it
    in no transaction. It is not asked about forms that a program has filled in or that have no stamp."""
    asked = captcha()
    if asked is None or parameters.text(request.POST, TRAP) or not parameters.text(request.POST, "stamp"):
        return True
    return asked.passes(request)


def judge(request: HttpRequest, form: SignupForm, *, passed: bool) -> Verdict:
    """The verdict on a posted form; the first rule that applies decides. `passed`: what `passes_captcha` said."""
    if parameters.text(request.POST, TRAP):
        return Verdict.PROGRAM
    text = parameters.text(request.POST, "stamp")
    found = _read(text, form.pk)
    if found is None:
        return Verdict.UNPROVEN
    if problem := _problem_of(found, form):
        return problem
    if not passed:
        return Verdict.CAPTCHA
    if not settings.FORM_PROOF_OF_WORK or is_proof(text, parameters.text(request.POST, "proof")):
        return Verdict.PERSON
    return Verdict.DOUBTFUL if found.purpose == ASKED else Verdict.UNPROVEN


def _problem_of(found: Stamp, form: SignupForm) -> Verdict | None:
    if found.wording != _wording(form):
        return Verdict.REWORDED
    if found.age > MAX_SECONDS:
        return Verdict.STALE
    if found.purpose == SHOWN and found.age < MIN_SECONDS:
        return Verdict.HASTY
    return None


def use(stamp: str) -> bool:
    """Mark the stamp as used. False where a sign-up was made with it before."""
    return throttle.take("stamp", stamp, most=1, seconds=MAX_SECONDS + 3600)


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
