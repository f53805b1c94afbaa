"""The hosted form, the same in a frame, what a form of the merchant's own page posts to, and the confirmation."""

import ipaddress

from django.conf import settings
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
    page_of,
    read_token,
    told,
    visit,
    workspace_of,
)
from kernel import throttle
from kernel.http import client_address
from kernel.tenancy import scope


@for_visitors
def show(request, token):
    return _show(request, token, framed=False)


@for_visitors
def embed(request, token):
    """The form for a frame in anybody's page."""
    return frameable(_show(request, token, framed=True))


def _show(request, token, *, framed):
    workspace_id, form_id = read_token(signup_form.LINK, token, 2)
    workspace = workspace_of(workspace_id)
    with scope(workspace):
        form = SignupForm.objects.present().filter(pk=form_id).first()
        if form is None:
            raise Http404
        with translation.override(form.language):
            response = _Visit(request, workspace, form, framed).answer()
    if not form.double_opt_in and form.thanks_url:
        may_go_on_to(response, form.thanks_url)
    return response


class _Visit:
    """One request for a form."""

    def __init__(self, request, workspace, form, framed):
        self._request, self._workspace, self._form, self._framed = request, workspace, form, framed
        self._stamp = request.POST.get("stamp", "") if request.method == "POST" else ""

    def answer(self):
        if not self._form.is_open:
            text = _("This form is closed at the moment.")
            return told(self._request, self._workspace, title=self._form.title, text=text, framed=self._framed)
        if self._request.method != "POST":
            return self._page(self._fields())
        verdict = bot_checks.judge(self._request, self._form)
        if verdict is Verdict.PROGRAM:
            return self._done()  # as everybody
        if verdict is Verdict.REWORDED:
            return self._reworded()
        fields = self._fields(self._request.POST)
        if not fields.is_valid():
            return self._page(fields, keeps_stamp=verdict in (Verdict.PERSON, Verdict.HASTY), status=422)
        if verdict is Verdict.HASTY:
            return self._again(fields, _("That was quick. Check your answers and press the button again."), True)
        if verdict is Verdict.STALE:
            return self._again(fields, _("This page was open for a long time. Press the button again."))
        if verdict is Verdict.CAPTCHA:
            return self._again(fields, _("Complete the check below. It helps us stop robots."))
        if verdict is Verdict.UNPROVEN:
            return self._ask(fields)
        return self._take(fields, doubtful=verdict is Verdict.DOUBTFUL)

    def _take(self, fields, *, doubtful):
        if not may_sign_up_from(client_address(self._request)):
            return self._again(fields, _("Too many sign-ups from your network. Try again in an hour."), status=429)
        if not bot_checks.use(self._stamp):
            return self._again(fields, _("This form has already been sent. To send it again, press the button."))
        email = fields.cleaned_data["email"]
        if signing_up.may_write_to(email):
            seen = visit(self._request, page_of(self._request) or self._form.address)
            signing_up.sign_up(self._form, email, fields.answers, seen, doubtful=doubtful)
        if self._form.thanks_url and not self._form.double_opt_in:
            return HttpResponseRedirect(self._form.thanks_url)
        return self._done()

    def _fields(self, data=None):
        return PublicForm(data, form=self._form, country=self._workspace.country)

    def _page(self, fields, *, keeps_stamp=False, problem="", status=200):
        context = {"fields": fields, "problem": problem, "page": page_of(self._request)}
        return self._render("contacts/public/form.html", context, bot_checks.SHOWN, keeps_stamp, status)

    def _again(self, fields, problem, keeps_stamp=False, *, status=200):
        """The page with what was typed, and what to do."""
        return self._page(fields, keeps_stamp=keeps_stamp, problem=problem, status=status)

    def _reworded(self):
        """The proof must not name words that the person never saw: they are asked again."""
        answers = self._request.POST.copy()
        answers.pop("consent", None)
        problem = _("The consent text has changed since you opened this page. Read it and tick the box.")
        return self._page(self._fields(answers), problem=problem, status=422)

    def _ask(self, fields):
        """One button, for browsers without JavaScript and for forms that stand in the merchant's page."""
        hidden = [field.as_hidden() for field in fields]
        context = {"hidden": hidden, "seen": fields.seen, "page": page_of(self._request)}
        return self._render("contacts/public/one_button.html", context, bot_checks.ASKED)

    def _render(self, template, context, purpose, keeps_stamp=False, status=200):
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

    def _done(self):
        """The same words for everybody: whether an address is known is nobody's business."""
        context = {"sender": self._workspace, "form": self._form, "framed": self._framed}
        return render(self._request, "contacts/public/done.html", context)


def may_sign_up_from(address: str | None) -> bool:
    """Count one more sign-up from this network: an IPv4 address, or the first half of an IPv6 one."""
    network = address or "unknown"
    if ":" in network:
        network = str(ipaddress.ip_network((network.partition("%")[0], 64), strict=False))
    return throttle.take("signups", network, most=settings.FORM_SIGNUPS_PER_HOUR, seconds=3600)


@for_visitors
def confirm(request, token):
    """GET shows a button, because mail scanners follow links; POST confirms."""
    workspace_id, form_id, signup_id = read_token(signing_up.LINK, token, 3)
    workspace = workspace_of(workspace_id)
    with scope(workspace):
        form = SignupForm.objects.filter(pk=form_id).first()
        signup = Signup.objects.filter(pk=signup_id, form_id=form_id).first()
        with translation.override(form.language if form else workspace.language):
            if signup is None or signup.state == "expired":
                return _gone(request, workspace, form)
            if request.method == "POST":
                if not signing_up.confirm(signup, visit(request)):
                    return _refused(request, workspace)
                signup.refresh_from_db()
            return _confirmation(request, workspace, form, signup)


def _gone(request, workspace, form):
    days = settings.SIGNUP_DAYS
    text = ngettext(
        "Links in our e-mails are valid for %(n)d day.", "Links in our e-mails are valid for %(n)d days.", days
    )
    again = form.address if form and form.is_open and not form.deleted_at else ""
    return told(request, workspace, title=_("This link has expired"), text=text % {"n": days}, again=again, status=410)


def _refused(request, workspace):
    """A bounce, a complaint, or a do-not-contact entry of the merchant's: no button takes those back."""
    text = _("%(workspace)s can't write to this address. Sign up with another one, or contact them directly.")
    title = _("We can't sign up this address")
    return told(request, workspace, title=title, text=text % {"workspace": workspace.name})


def _used(request, workspace, form):
    """Confirmed once, and unsubscribed since: an old mail brings nobody back."""
    text = _("You already used it to confirm, and have unsubscribed since.")
    again = form.address if form.is_open and not form.deleted_at else ""
    return told(request, workspace, title=_("This link has already been used"), text=text, again=again)


def _confirmation(request, workspace, form, signup):
    context = {
        "sender": workspace,
        "form": form,
        "signup": signup,
        "masked": preferences.mask(signup.email),
    }
    if signup.confirmed_at:
        contact = preferences.person(signup.contact_id)
        if contact is None or contact.status != Contact.Status.SUBSCRIBED:
            return _used(request, workspace, form)
        if request.method == "POST" and form.thanks_url:
            return HttpResponseRedirect(form.thanks_url)
        context["preferences"] = preferences.link(contact)
    response = render(request, "contacts/public/confirm.html", context)
    return may_go_on_to(response, form.thanks_url) if form.thanks_url else response
