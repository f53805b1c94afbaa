"""Somebody fills in a public form: asked, mailed, confirmed. Until the address's owner has confirmed, nothing that the
form said is known of anybody, and nobody may be written to for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from contacts.consent import ledger, suppression_list
from contacts.events import SignupAsked
from contacts.identity.addresses import mailbox
from contacts.models import Consent, Contact, ContactTag, ListMember, Signup, SignupForm, Topic, TopicChoice
from kernel import throttle
from kernel.events import publish
from kernel.links import absolute, sign_ids

LINK = "signup"  # the purpose of a confirmation's token: workspace, form, sign-up
SOURCE = "signup"  # of contacts that exist because a form was filled in


@dataclass(frozen=True)
class Visit:
    """Where a request came from: the evidence."""

    page: str = ""
    address: str | None = None
    user_agent: str = ""


def link(signup: Signup) -> str:
    token = sign_ids(LINK, signup.workspace_id, signup.form_id, signup.pk)
    return absolute(reverse("visitors:confirm", args=[token]))


def may_write_to(address: str) -> bool:
    """Count one more mail that a stranger's hand causes to this address, over all workspaces (list bombing)."""
    return throttle.take("mail", mailbox(address), most=settings.FORM_MAILS_PER_HOUR, seconds=3600)


def sign_up(form: SignupForm, email: str, answers: dict, visit: Visit, *, doubtful: bool) -> Signup:
    """Write it down and ask for the confirmation. Without double opt-in the consent counts at once, except where
    nothing showed that a person filled the form in, or the address has said no before.

    `answers` has fields (by name, as contacts keep them), topics (ids of the chosen ones) and offered (ids of those
    that were there to choose from).
    """
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
    if form.double_opt_in or doubtful or is_restored or _has_said_no(contact):
        ledger.request(contact, wording=form.wording, page=visit.page, address=visit.address)
        publish(SignupAsked(signup_id=signup.pk))
    else:
        _take(signup, contact, Consent.Source.FORM, visit)
    return signup


def confirm(signup: Signup, visit: Visit) -> bool:
    """The address's owner pressed the button. False where the address may not be written to: then nothing is
    granted. Repeating it changes nothing."""
    signup = Signup.objects.select_for_update().select_related("form").get(pk=signup.pk)
    if signup.confirmed_at:
        return True
    contact, _is_restored = _contact(signup.email, signup.form.language)
    return _take(signup, contact, Consent.Source.CONFIRMED, visit)


def _has_said_no(contact: Contact) -> bool:
    known = (Contact.Status.PENDING, Contact.Status.SUBSCRIBED)
    return contact.status not in known or suppression_list.of_address("email", contact.email) is not None


def _contact(email: str, language: str) -> tuple[Contact, bool]:
    """The contact with this address, locked, and whether it was taken out of the trash; one without consent where there
    was none."""
    people = Contact.objects.select_for_update()
    contact = people.filter(email=email).first()
    if contact is not None and contact.merged_into_id:
        # Whoever signs up with an address of their own wants mail there: it is a contact of its own again.
        people.filter(pk=contact.pk).update(email=None)
        contact = None
    if contact is None:
        contact = Contact(email=email, source=SOURCE, language=language)
        ledger.begin(contact)
        try:
            with transaction.atomic():
                contact.save()
        except IntegrityError:  # somebody was quicker
            contact = people.get(email=email)
    if contact.deleted_at is None:
        return contact, False
    ledger.begin_again(contact)
    contact.deleted_at = None
    contact.save()
    return contact, True


def _take(signup: Signup, contact: Contact, source: str, visit: Visit) -> bool:
    proof = {
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
            [ListMember(contact_list_id=form.contact_list_id, contact=contact)], ignore_conflicts=True
        )
    tags = [ContactTag(contact=contact, tag=tag) for tag in form.given_tags()]
    ContactTag.objects.bulk_create(tags, ignore_conflicts=True)
    signup.contact, signup.confirmed_at = contact, timezone.now()
    signup.save(update_fields=["contact", "confirmed_at"])
    return True


def _choose_topics(signup: Signup, contact: Contact, proof: dict) -> None:
    """A box that the person saw and left empty is a no to that topic, unless they said yes to it elsewhere."""
    chosen, offered = set(signup.data.get("topics", [])), set(signup.data.get("offered", []))
    asked_before = set(TopicChoice.objects.filter(contact=contact, channel="email").values_list("topic_id", flat=True))
    for topic in Topic.objects.present().filter(pk__in=chosen | offered):
        if topic.pk in chosen:
            ledger.grant(contact, topic=topic, **proof)
        elif topic.pk not in asked_before:
            ledger.withdraw(contact, topic=topic, source=proof["source"], page=proof["page"], address=proof["address"])


def _fill_in(contact: Contact, values: dict, *, may_replace: bool) -> None:
    """Nothing is overwritten by an empty value; by an unconfirmed form, nothing at all."""
    attributes = dict(contact.attributes)
    for name, value in values.items():
        if value in ("", None):
            continue
        if name in ("first_name", "last_name", "phone"):
            if may_replace or not getattr(contact, name):
                setattr(contact, name, value)
        elif may_replace or name not in attributes:
            attributes[name] = value
    contact.attributes = attributes
    try:
        with transaction.atomic():
            contact.save()
    except IntegrityError:  # the phone number is another contact's
        contact.phone = Contact.objects.values_list("phone", flat=True).get(pk=contact.pk)
        contact.save()
