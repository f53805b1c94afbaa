"""Sign up by a public form: request, confirmation mail, confirmation.

Until the address's owner has confirmed, nothing from the form is saved in a contact and nobody may be written to.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from contacts.consent import ledger, suppression_list
from contacts.contact_events import writing
from contacts.events import SignupAsked
from contacts.models import (
    Consent,
    Contact,
    ContactChange,
    ContactTag,
    ListMember,
    Signup,
    SignupForm,
    Topic,
    TopicChoice,
)
from contacts.models.contact_event import SIGNED_UP
from kernel.causes import caused_by
from kernel.events import publish
from kernel.links import absolute, sign_ids

LINK = "signup"  # the purpose of a confirmation link's token: workspace, form, sign-up
SOURCE = "signup"  # the source of contacts that were created by a form


@dataclass(frozen=True)
class Visit:
    """Where a request came from, as evidence. `address`: the IP address."""

    page: str = ""
    address: str | None = None
    user_agent: str = ""


def link(signup: Signup) -> str:
    """The address in the confirmation mail."""
    token = sign_ids(LINK, signup.workspace_id, signup.form_id, signup.pk)
    return absolute(reverse("visitors:confirm", args=[token]))


def sign_up(form: SignupForm, email: str, answers: dict, visit: Visit, *, doubtful: bool) -> Signup:
    """Save the sign-up and ask for the confirmation.

    Without double opt-in the consent counts immediately, except where nothing shows that a person filled in the form
    (`doubtful`), the contact was in the trash, or the address opted out before.

    `answers`: {"fields": values by name, as contacts keep them; "topics": ids of the chosen topics; "offered": ids of
    the topics that the form offered}.
    """
    with _caused_by(form):
        return _sign_up(form, email, answers, visit, doubtful=doubtful)


def _caused_by(form: SignupForm) -> AbstractContextManager[None]:
    return caused_by(ContactChange.Source.FORM, source_id=form.pk, cursor=connection.cursor())


def _sign_up(form: SignupForm, email: str, answers: dict, visit: Visit, *, doubtful: bool) -> Signup:
    contact, is_restored = _contact(email, form.language)
    signup = Signup.objects.create(
        form=form,
        contact=contact,
        email=email,
        data={**answers, "restored": is_restored},
        wording=form.wording,
        wording_version=ledger.wording_version(form.wording),
        page=visit.page,
        address=visit.address,
        user_agent=visit.user_agent,
        expires_at=timezone.now() + timedelta(days=settings.SIGNUP_DAYS),
    )
    if form.double_opt_in or doubtful or is_restored or _has_opted_out(contact):
        ledger.request(contact, wording=form.wording, page=visit.page, address=visit.address)
        publish(SignupAsked(signup_id=signup.pk))
    else:
        _apply(signup, contact, Consent.Source.FORM, visit)
    return signup


def confirm(signup: Signup, visit: Visit) -> bool:
    """The address's owner pressed the button. False where the address may not be written to; then nothing is granted.

    Repeating it changes nothing.
    """
    signup = Signup.objects.select_for_update().select_related("form").get(pk=signup.pk)
    if signup.confirmed_at:
        return True
    with _caused_by(signup.form):
        contact, _is_restored = _contact(signup.email, signup.form.language)
        return _apply(signup, contact, Consent.Source.CONFIRMED, visit)


def _has_opted_out(contact: Contact) -> bool:
    if contact.status not in (Contact.Status.PENDING, Contact.Status.SUBSCRIBED):
        return True
    return contact.email is not None and suppression_list.of_address("email", contact.email) is not None


def _contact(email: str, language: str) -> tuple[Contact, bool]:
    """(the contact with this address, locked; whether it was taken out of the trash). Creates one without consent where
    there is none."""
    people = Contact.objects.select_for_update()
    contact = people.filter(email=email).first()
    if contact is not None and contact.merged_into_id:
        # The address was merged into another contact. A person who signs up with it wants mail there, so it gets a
        # contact of its own again.
        people.filter(pk=contact.pk).update(email=None)
        contact = None
    if contact is None:
        contact = Contact(email=email, source=SOURCE, language=language)
        ledger.apply_suppressions(contact)
        try:
            with transaction.atomic():
                contact.save()
        except IntegrityError:  # another request created it at the same moment
            contact = people.get(email=email)
    if contact.deleted_at is None:
        return contact, False
    ledger.reset_consent(contact)
    contact.deleted_at = None
    contact.save()
    return contact, True


def _apply(signup: Signup, contact: Contact, source: str, visit: Visit) -> bool:
    """Grant the consent and save the form's answers. False, with nothing written, where consent is not possible."""
    proof: dict[str, Any] = {
        "source": source,
        "wording": signup.wording,
        "page": signup.page,
        "message_id": signup.message_id if source == Consent.Source.CONFIRMED else "",
        "address": visit.address,
    }
    if not ledger.grant(contact, **proof):
        return False
    _choose_topics(signup, contact, proof)
    contact.language = contact.language or signup.form.language
    _fill_in(contact, signup.data.get("fields", {}), may_replace=source == Consent.Source.CONFIRMED)
    form = signup.form
    if form.contact_list and not form.contact_list.deleted_at:
        ListMember.objects.bulk_create(
            [ListMember(contact_list=form.contact_list, contact=contact)], ignore_conflicts=True
        )
    tags = [ContactTag(contact=contact, tag=tag) for tag in form.given_tags()]
    ContactTag.objects.bulk_create(tags, ignore_conflicts=True)
    signup.contact, signup.confirmed_at = contact, timezone.now()
    signup.save(update_fields=["contact", "confirmed_at"])
    writing.record(contact, SIGNED_UP, at=signup.confirmed_at, key=signup.pk, properties={"form": form.name})
    return True


def _choose_topics(signup: Signup, contact: Contact, proof: dict) -> None:
    """A box that the person saw and left empty is an opt-out of that topic, unless they made a choice on it before."""
    chosen, offered = set(signup.data.get("topics", [])), set(signup.data.get("offered", []))
    asked_before = set(TopicChoice.objects.filter(contact=contact, channel="email").values_list("topic_id", flat=True))
    for topic in Topic.objects.present().filter(pk__in=chosen | offered):
        if topic.pk in chosen:
            ledger.grant(contact, topic=topic, **proof)
        elif topic.pk not in asked_before:
            ledger.withdraw(contact, topic=topic, source=proof["source"], page=proof["page"], address=proof["address"])


def _fill_in(contact: Contact, values: dict, *, may_replace: bool) -> None:
    """Save the form's values. Empty ones replace nothing; others only with `may_replace` (a confirmed form)."""
    attributes, before = dict(contact.attributes), ledger.addresses_of(contact)
    for name, value in values.items():
        if value in ("", None):
            continue
        if name in ("first_name", "last_name", "phone"):
            if may_replace or not getattr(contact, name):
                setattr(contact, name, value)
        elif may_replace or name not in attributes:
            attributes[name] = value
    contact.attributes = attributes
    ledger.update_status_for_new_address(contact, before)
    contact.save()
