"""Reactions to events of the apps below."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import mail_limits
from accounts.events import InactivityChanged
from accounts.notifying import members_who_may, notify
from contacts.consent import preferences
from contacts.events import PreferencesAsked, RightsAsked, SignupAsked, SignupUnanswered
from contacts.models import Contact, Signup
from contacts.segments.audience import Audience
from contacts.signups import signing_up
from delivery import notices, service_mails
from delivery.models import Batch
from kernel import throttle
from kernel.events import on
from kernel.jobs import enqueue

log = logging.getLogger("fanfare.delivery")


@on(SignupAsked)
def ask_for_confirmation(event: SignupAsked) -> None:
    signup = _unconfirmed(event.signup_id)
    if signup is not None and not signup.mailed_at:
        _mail_confirmation(signup)


@on(SignupUnanswered)
def remind(event: SignupUnanswered) -> None:
    signup = _unconfirmed(event.signup_id)
    if signup is None or signup.reminded_at is not None or signup.expires_at <= timezone.now():
        return
    # If strangers caused too many mails to this address in this hour, a later run reminds.
    if mail_limits.may_write_to(signup.email):
        signup.reminded_at = timezone.now()
        signup.save(update_fields=["reminded_at"])
        _mail_confirmation(signup)


@on(PreferencesAsked)
def mail_preferences(event: PreferencesAsked) -> None:
    _mail_link("preferences", event, gettext_lazy("Your preferences at %(workspace)s"), preferences.link)


@on(RightsAsked)
def mail_rights(event: RightsAsked) -> None:
    _mail_link("rights", event, gettext_lazy("Your data at %(workspace)s"), preferences.rights_link)


def _mail_link(
    template: str, event: PreferencesAsked | RightsAsked, subject: Promise, link: Callable[[Contact], str]
) -> None:
    """Send a mail with a link, once per request, even if the job runs again."""
    contact = Contact.objects.present().select_related("workspace").filter(pk=event.contact_id).first()
    if contact is None or not contact.email:
        return
    if not throttle.take(f"mail of {template}", str(event.asking), most=1, seconds=7 * 24 * 3600):
        return
    language = preferences.language(contact, contact.workspace)
    with translation.override(language):
        title = str(subject) % {"workspace": contact.workspace.name}
    _send(template, contact, subject=title, language=language, personal={"address": link(contact)})


@on(InactivityChanged)
def judge_inactive_anew(event: InactivityChanged) -> None:
    enqueue("delivery.mark_inactive", workspace_id=event.workspace_id)


def follow_tag(workspace_id: int, tag_id: int, into_id: int, *, gone: bool) -> None:
    """A tag is merged into another: change the audiences of batches that are not filled yet."""
    unfilled = Batch.objects.filter(workspace_id=workspace_id, filled_at=None, source__in=["audience", ""])
    for batch in unfilled.select_for_update():
        batch.audience = Audience.read(batch.audience).following_tag(tag_id, into_id, gone=gone).data()
        batch.save(update_fields=["audience"])


def _unconfirmed(signup_id: int) -> Signup | None:
    """The sign-up, locked, if it still waits for its confirmation."""
    signup = Signup.objects.select_for_update(of=("self",)).select_related("form").filter(pk=signup_id).first()
    return signup if signup is not None and signup.confirmed_at is None else None


def _mail_confirmation(signup: Signup) -> None:
    contact = Contact.objects.select_related("workspace").get(pk=signup.contact_id)  # type: ignore[misc]  # not None here
    language = signup.form.language
    with translation.override(language):
        subject = _("Please confirm: %(title)s") % {"title": signup.form.title}
        valid_until = date_format(timezone.localtime(signup.expires_at), "DATETIME_FORMAT")
    message_id = _send(
        "signup",
        contact,
        subject=subject,
        language=language,
        signup=signup,
        form=signup.form,
        is_reminder=signup.reminded_at is not None,
        knows_already=contact.is_reachable,
        personal={
            "address": signing_up.link(signup),
            "preferences": preferences.link(contact) if contact.is_reachable else "",
            "valid_until": valid_until,
        },
    )
    if message_id:
        signup.message_id, signup.mailed_at = message_id, timezone.now()
        signup.save(update_fields=["message_id", "mailed_at"])


def _send(template: str, contact: Contact, *, subject: str, **context) -> str:
    """Send a service mail and return its reference. If the workspace can't send, return an empty string and notify the
    members who can change that, once a day."""
    try:
        return service_mails.send(template, contact, name=subject, subject=subject, **context)
    except service_mails.NoSender:
        workspace = contact.workspace
        log.warning("workspace %s has no sender: a mail that was asked for is not sent", workspace.pk)
        if throttle.take("no sender", str(workspace.pk), most=1, seconds=24 * 3600):
            notify(members_who_may("sending.manage"), lambda: notices.no_sender(workspace), email=True)
        return ""
