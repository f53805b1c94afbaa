"""The hosted form, alone or in a frame, and the confirmation. A form on the merchant's own page posts here too."""

import ipaddress

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import mail_limits
from accounts.models import Workspace
from contacts.consent import preferences
from contacts.forms.signups.signup import PublicForm
from contacts.models import Contact, Signup, SignupForm, signup_form
from contacts.signups import bot_checks, signing_up
from contacts.signups.bot_checks import Verdict
from contacts.views.public.visiting import (
    allow,
    for_visitors,
    frameable,
    may_go_on_to,
    message_page,
    page_of,
    read_token,
    visit,
    workspace_of,
)
from kernel import parameters, throttle
from kernel.http import client_address
from kernel.mailboxes import mask
from kernel.tenancy import scope


@for_visitors
def show(request: HttpRequest, token: str) -> HttpResponse:
    return _show(request, token, framed=False)


@for_visitors
def embed(request: HttpRequest, token: str) -> HttpResponse:
    """The form for a frame in any page."""
    return frameable(_show(request, token, framed=True))


def _show(request: HttpRequest, token: str, *, framed: bool) -> HttpResponse:
    workspace_id, form_id = read_token(signup_form.LINK, token, 2)
    workspace = workspace_of(workspace_id)
    passed = request.method != "POST" or bot_checks.passes_captcha(request)
    with scope(workspace):
        form = SignupForm.objects.present().filter(pk=form_id).first()
        if form is None:
            raise Http404
        with translation.override(form.language):
            response = _Visit(request, workspace, form, framed, passed).answer()
    if not form.double_opt_in and form.thanks_url:
        may_go_on_to(response, form.thanks_url)
    return response


class _Visit:
    """One request for a form. `framed`: the page is shown in a frame. `passed`: see `bot_checks.passes_captcha`."""

    def __init__(self, request: HttpRequest, workspace: Workspace, form: SignupForm, framed: bool, passed: bool):
        self._request, self._workspace, self._form, self._framed = request, workspace, form, framed
        self._passed = passed
        self._stamp = parameters.text(request.POST, "stamp") if request.method == "POST" else ""

    def answer(self) -> HttpResponse:
        """The response to the request."""
        if not self._form.is_open:
            text = _("This form is closed at the moment.")
            return message_page(self._request, self._workspace, title=self._form.title, text=text, framed=self._framed)
        if self._request.method != "POST":
            return self._page(self._fields())
        return self._posted(bot_checks.judge(self._request, self._form, passed=self._passed))

    def _posted(self, verdict: Verdict) -> HttpResponse:
        if verdict is Verdict.PROGRAM:
            return self._done()  # programs get the same page as people
        if verdict is Verdict.REWORDED:
            return self._reworded()
        fields = self._fields(self._request.POST)
        if not fields.is_valid():
            return self._page(fields, keeps_stamp=verdict in (Verdict.PERSON, Verdict.HASTY), status=422)
        problems = {
            Verdict.HASTY: _("That was quick. Check your answers and press the button again."),
            Verdict.STALE: _("This page was open for a long time. Press the button again."),
            Verdict.CAPTCHA: _("Complete the check below. It helps us stop robots."),
        }
        if verdict in problems:
            return self._again(fields, problems[verdict], verdict is Verdict.HASTY)
        if verdict is Verdict.UNPROVEN:
            return self._ask(fields)
        return self._accept(fields, doubtful=verdict is Verdict.DOUBTFUL)

    def _accept(self, fields: PublicForm, *, doubtful: bool) -> HttpResponse:
        if not may_sign_up_from(client_address(self._request)):
            return self._again(fields, _("Too many sign-ups from your network. Try again in an hour."), status=429)
        if not bot_checks.use(self._stamp):
            return self._again(fields, _("This form has already been sent. To send it again, press the button."))
        email = fields.cleaned_data["email"]
        if mail_limits.may_write_to(email):
            seen = visit(self._request, page_of(self._request) or self._form.address)
            signing_up.sign_up(self._form, email, fields.answers, seen, doubtful=doubtful)
        if self._form.thanks_url and not self._form.double_opt_in:
            return HttpResponseRedirect(self._form.thanks_url)
        return self._done()

    def _fields(self, data: QueryDict | None = None) -> PublicForm:
        return PublicForm(data, form=self._form, country=self._workspace.country)

    def _page(
        self, fields: PublicForm, *, keeps_stamp: bool = False, problem: str = "", status: int = 200
    ) -> HttpResponse:
        context = {"fields": fields, "problem": problem, "page": page_of(self._request)}
        return self._render("contacts/public/form.html", context, bot_checks.SHOWN, keeps_stamp, status)

    def _again(self, fields: PublicForm, problem: str, keeps_stamp: bool = False, *, status: int = 200) -> HttpResponse:
        """The page with what was typed and a message that says what to do."""
        return self._page(fields, keeps_stamp=keeps_stamp, problem=problem, status=status)

    def _reworded(self) -> HttpResponse:
        """Ask again: the consent's proof must not contain a wording that the person never saw."""
        answers = self._request.POST.copy()
        answers.pop("consent", None)
        problem = _("The consent text has changed since you opened this page. Read it and tick the box.")
        return self._page(self._fields(answers), problem=problem, status=422)

    def _ask(self, fields: PublicForm) -> HttpResponse:
        """The page with one button, for browsers without JavaScript and for forms on the merchant's own page."""
        hidden = [field.as_hidden() for field in fields]
        context = {"hidden": hidden, "seen": fields.seen, "page": page_of(self._request)}
        return self._render("contacts/public/bot_check.html", context, bot_checks.ASKED)

    def _render(
        self, template: str, context: dict, purpose: str, keeps_stamp: bool = False, status: int = 200
    ) -> HttpResponse:
        captcha = bot_checks.captcha()
        context |= {
            "sender": self._workspace,
            "form": self._form,
            "framed": self._framed,
            "stamp": self._stamp if keeps_stamp else bot_checks.stamp(self._form, purpose=purpose),
            "proof_bits": settings.FORM_PROOF_BITS if settings.FORM_PROOF_OF_WORK else 0,
            "captcha": mark_safe(captcha.markup()) if captcha else "",  # noqa: S308  (the operator's own code)
            "trap": bot_checks.TRAP,
            "find_address": preferences.find_address(self._workspace),
        }
        response = render(self._request, template, context, status=status)
        if captcha:
            allow(response, captcha.policy)
        return response

    def _done(self) -> HttpResponse:
        """The same page for everyone, so that nobody learns whether an address is known."""
        context = {"sender": self._workspace, "form": self._form, "framed": self._framed}
        return render(self._request, "contacts/public/done.html", context)


def may_sign_up_from(address: str | None) -> bool:
    """Count one more sign-up from this network. False above FORM_SIGNUPS_PER_HOUR.

    A network is an IPv4 address, or the first 64 bits of an IPv6 address.
    """
    network = address or "unknown"
    if ":" in network:
        network = str(ipaddress.ip_network((network.partition("%")[0], 64), strict=False))
    return throttle.take("signups", network, most=settings.FORM_SIGNUPS_PER_HOUR, seconds=3600)


@for_visitors
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button, because mail scanners open links; POST confirms."""
    workspace_id, form_id, signup_id = read_token(signing_up.LINK, token, 3)
    workspace = workspace_of(workspace_id)
    with scope(workspace):
        form = SignupForm.objects.filter(pk=form_id).first()
        signup = Signup.objects.filter(pk=signup_id, form_id=form_id).first()
        with translation.override(form.language if form else workspace.language):
            if form is None or signup is None or signup.state == "expired":
                return _gone(request, workspace, form)
            if request.method == "POST":
                if not signing_up.confirm(signup, visit(request)):
                    return _refused(request, workspace)
                signup.refresh_from_db()
            return _confirmation(request, workspace, form, signup)


def _gone(request: HttpRequest, workspace: Workspace, form: SignupForm | None) -> HttpResponse:
    days = settings.SIGNUP_DAYS
    text = ngettext(
        "Links in our e-mails are valid for %(n)d day.", "Links in our e-mails are valid for %(n)d days.", days
    )
    again = form.address if form and form.is_open and not form.deleted_at else ""
    return message_page(
        request, workspace, title=_("This link has expired"), text=text % {"n": days}, again=again, status=410
    )


def _refused(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """The page after a bounce, a complaint or a do-not-contact entry, which a visitor can't undo."""
    text = _("%(workspace)s can't write to this address. Sign up with another one, or contact them directly.")
    title = _("We can't sign up this address")
    return message_page(request, workspace, title=title, text=text % {"workspace": workspace.name})


def _used(request: HttpRequest, workspace: Workspace, form: SignupForm) -> HttpResponse:
    """The page after the person confirmed and then unsubscribed: an old mail does not subscribe again."""
    text = _("You already used it to confirm, and have unsubscribed since.")
    again = form.address if form.is_open and not form.deleted_at else ""
    return message_page(request, workspace, title=_("This link has already been used"), text=text, again=again)


def _confirmation(request: HttpRequest, workspace: Workspace, form: SignupForm, signup: Signup) -> HttpResponse:
    context = {
        "sender": workspace,
        "form": form,
        "signup": signup,
        "masked": mask(signup.email),
    }
    if signup.confirmed_at:
        contact = preferences.person(signup.contact_id) if signup.contact_id else None
        if contact is None or contact.status != Contact.Status.SUBSCRIBED:
            return _used(request, workspace, form)
        if request.method == "POST" and form.thanks_url:
            return HttpResponseRedirect(form.thanks_url)
        context["preferences"] = preferences.link(contact)
    response = render(request, "contacts/public/confirm.html", context)
    return may_go_on_to(response, form.thanks_url) if form.thanks_url else response
