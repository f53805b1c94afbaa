"""After signing up, or logging in with an address that is not confirmed yet: where the link was sent."""

from allauth.account.internal.flows.email_verification import send_verification_email_at_login
from allauth.account.internal.stagekit import unstash_login
from allauth.account.utils import has_verified_email
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from kernel.http import public


@public
def sent(request: HttpRequest) -> HttpResponse:
    """Who has no account gets the same page and answers as who has one, as everywhere before logging in."""
    login = None if request.user.is_authenticated else unstash_login(request, peek=True)
    address = login and (login.email or (login.user and login.user.email))
    if request.method != "POST":
        return render(request, "account/verification_sent.html", {"address": address})
    # It may have been confirmed meanwhile, on a phone for instance.
    if not login or has_verified_email(login.user, login.email):
        return redirect("account_login")
    if not send_verification_email_at_login(request, login):
        messages.info(request, _("The last link was sent a moment ago. Wait a few minutes before you ask for another."))
    return redirect("account_email_verification_sent")
