"""The preference centre of one person, and the page where a person asks for the link to it."""

from typing import NamedTuple
from uuid import uuid4

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import mail_limits
from accounts.models import Workspace
from contacts.consent import ledger, preferences
from contacts.consent.preferences import ChannelChoice, Choices
from contacts.contact_events import writing
from contacts.events import PreferencesAsked, RightsAsked
from contacts.forms.consent.preferences import PreferencesForm
from contacts.identity.addresses import BadAddress, clean_email
from contacts.imports.reasons import REASONS
from contacts.models import Channel, Contact, Topic
from contacts.models.contact_event import PREFERENCES_SAVED
from contacts.views.public.signups import may_sign_up_from
from contacts.views.public.visiting import for_visitors, message_page, read_token, workspace_of
from kernel import parameters, throttle
from kernel.events import publish
from kernel.http import client_address
from kernel.links import BadToken, absolute
from kernel.mailboxes import mask
from kernel.tenancy import scope

SAVES_A_MINUTE = 10


@for_visitors
def show(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows; POST saves, opts out of everything, or mails the link to the person's data."""
    test_of = preferences.workspace_of_test(token)
    if test_of is not None:
        return _of_test(request, workspace_of(test_of))
    try:
        workspace_id, contact_id = preferences.read_link(token)
    except BadToken:
        raise Http404 from None
    workspace = workspace_of(workspace_id)
    with scope(workspace), timezone.override(workspace.zone):
        contact = preferences.person(contact_id)
        with translation.override(preferences.language(contact, workspace)):
            if contact is None:
                return _nobody(request, workspace)
            if request.method != "POST":
                return _page(request, workspace, contact)
            # The page without its token: with it, anyone who reads the proof could open the page.
            proof = {"address": client_address(request), "page": absolute("/p/")}
            if parameters.text(request.POST, "action") == "nothing":
                preferences.opt_out_of_everything(contact, proof)
                return _page(request, workspace, contact, done=_("You won't receive any more messages."))
            if parameters.text(request.POST, "action") == "rights":
                return _mail_rights(request, workspace, contact)
            return _save(request, workspace, contact, proof)


def _of_test(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """The page as a reader of the real message would see it, for an invented contact. Nothing is written."""
    with scope(workspace), timezone.override(workspace.zone), translation.override(workspace.language):
        done = _("This was a test: nothing has changed.") if request.method == "POST" else ""
        return _page(request, workspace, preferences.invented_person(workspace), is_test=True, done=done)


def _save(request: HttpRequest, workspace: Workspace, contact: Contact, proof: dict) -> HttpResponse:
    form = _form(workspace, contact, request.POST)
    if not throttle.take("preferences", f"{workspace.pk}/{contact.pk}", most=SAVES_A_MINUTE, seconds=60):
        form.add_error(None, _("Too many changes at once. Try again in a minute."))
    if not form.is_valid():
        return _page(request, workspace, contact, form=form, status=422)
    before = _saved(contact, preferences.choices(contact))
    form.save()
    if not contact.phone:
        preferences.withdraw_phone_channels(contact, proof)
    ledger.mark_active(contact)
    # An empty box is an opt-out only if the page showed it: the number or topic may be newer than the page.
    shown = set(parameters.texts(request.POST, "shown"))
    boxes = {channel: f"way_{channel}" for channel in Channel.values}
    answers = {channel: name in request.POST for channel, name in boxes.items() if name in shown}
    refused = preferences.set_channels(contact, workspace, answers, proof)
    chosen = before.choices
    topic_boxes = {key: _name(*key) for key in _on_page(chosen, preferences.channel_choices(contact, workspace))}
    wanted = {key: name in request.POST for key, name in topic_boxes.items() if name in shown}
    all_saved = preferences.set_choices(contact, chosen, _meant(contact, wanted, before.statuses), proof)
    after = _saved(contact, preferences.choices(contact))
    if after != before:
        writing.record(contact, PREFERENCES_SAVED, at=timezone.now(), key=uuid4())
    # Answer in the language that was chosen just now.
    with translation.override(preferences.language(contact, workspace)):
        return _page(
            request,
            workspace,
            contact,
            chosen=after.choices,
            done=_("Your preferences have been saved."),
            refused=bool(refused) or not all_saved,
        )


class Saved(NamedTuple):
    """What the page saves, to compare with after a change: programs that scan messages send its form without one."""

    fields: list
    statuses: dict[str, str]
    choices: Choices


def _saved(contact: Contact, chosen: Choices) -> Saved:
    names = ("first_name", "last_name", "frequency", "paused_until", "language", "phone")
    statuses = {channel: ledger.status_of(contact, channel) for channel in Channel.values}
    return Saved([getattr(contact, name) for name in names], statuses, chosen)


def _form(workspace: Workspace, contact: Contact, data: QueryDict | None = None) -> PreferencesForm:
    language = preferences.language(contact, workspace)
    return PreferencesForm(data, contact=contact, language=language, country=workspace.country)


def _name(topic_id: int, channel: str) -> str:
    return f"topic_{topic_id}_{channel}"


def _meant(contact: Contact, wanted: Choices, before: dict[str, str]) -> Choices:
    """What the boxes of topics mean. `before`: the statuses by channel when the page was shown.

    On a channel that was off none was ticked. So an empty one refuses its topic only beside one that was chosen with
    the channel; else what was wanted before is wanted again.
    """
    on = Contact.Status.SUBSCRIBED
    chosen = {channel for (_topic, channel), yes in wanted.items() if yes and ledger.status_of(contact, channel) == on}
    return {key: yes for key, yes in wanted.items() if yes or before[key[1]] == on or key[1] in chosen}


def _on_page(chosen: Choices, ways: list[ChannelChoice]) -> Choices:
    """The boxes of topics on the page, only for channels that the person can be asked about."""
    channels = {way.channel for way in ways}
    return {key: wanted for key, wanted in chosen.items() if key[1] in channels}


def _page(
    request: HttpRequest,
    workspace: Workspace,
    contact: Contact,
    *,
    form: PreferencesForm | None = None,
    chosen: Choices | None = None,
    status: int = 200,
    **more,
) -> HttpResponse:
    ways = preferences.channel_choices(contact, workspace)
    shown = _on_page(preferences.choices(contact) if chosen is None else chosen, ways)
    topics = [(topic, _boxes(topic, ways, shown)) for topic in Topic.objects.present()]
    context = {
        "sender": workspace,
        "contact": contact,
        "masked": mask(contact.email),
        "form": form or _form(workspace, contact),
        "ways": ways,
        "topics": topics,
        "is_off": not any(way.is_on for way in ways if way.channel in preferences.WRITABLE),
        **more,
    }
    return render(request, "contacts/public/preferences.html", context, status=status)


def _boxes(topic: Topic, ways: list[ChannelChoice], shown: Choices) -> list[tuple]:
    """(form field name, channel, whether it is ticked) of a topic's boxes. None is ticked on a channel that is off:
    nothing comes that way, whatever was chosen before."""
    offered = [way for way in ways if (topic.pk, way.channel) in shown]
    return [(_name(topic.pk, way.channel), way, way.is_on and shown[topic.pk, way.channel]) for way in offered]


def _nobody(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    text = _("%(workspace)s no longer has any data for this link and won't write to you any more.")
    title = _("You are not subscribed")
    return message_page(request, workspace, title=title, text=text % {"workspace": workspace.name}, status=410)


class FindForm(forms.Form):
    email = forms.CharField(max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"}))

    def __init__(self, data: QueryDict | None = None):
        super().__init__(data, label_suffix="")
        self.fields["email"].label = _("E-mail")

    def clean_email(self) -> str:
        try:
            return clean_email(self.cleaned_data["email"])
        except BadAddress as problem:
            raise forms.ValidationError(REASONS[str(problem)]) from None


@for_visitors
def find(request: HttpRequest, token: str) -> HttpResponse:
    """Mail the link to the address that was typed. The answer is the same whether the address is known or not."""
    (workspace_id,) = read_token(preferences.FIND, token, 1)
    workspace = workspace_of(workspace_id)
    with scope(workspace), translation.override(workspace.language):
        form = FindForm(request.POST if request.method == "POST" else None)
        problem = ""
        if request.method == "POST" and form.is_valid():
            if may_sign_up_from(client_address(request)):
                return _mail_link(request, workspace, form.cleaned_data["email"])
            problem = _("Too many requests from your network. Try again in an hour.")
        context = {"sender": workspace, "form": form, "problem": problem}
        return render(request, "contacts/public/find.html", context, status=429 if problem else 200)


def _mail_rights(request: HttpRequest, workspace: Workspace, contact: Contact) -> HttpResponse:
    """A forwarded message opens this page, too, so the link to the data is mailed to the person's address."""
    if contact.email and may_sign_up_from(client_address(request)) and mail_limits.may_write_to(contact.email):
        publish(RightsAsked(contact_id=contact.pk))
    text = _("If we can write to your address, we've sent you a link to your data. It is valid for one day.")
    return message_page(request, workspace, title=_("Check your inbox"), text=text)


def _mail_link(request: HttpRequest, workspace: Workspace, email: str) -> HttpResponse:
    if mail_limits.may_write_to(email):
        contact = Contact.objects.present().filter(email=email).first()
        if contact is not None:
            publish(PreferencesAsked(contact_id=contact.pk))
    text = _("If %(email)s is registered with %(workspace)s, we've sent a link to your preferences to that address.")
    title = _("Check your inbox")
    return message_page(request, workspace, title=title, text=text % {"workspace": workspace.name, "email": email})
