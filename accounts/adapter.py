"""allauth's hooks: whether sign-up is open, where a request comes from, the page after logging in, what a new account
holds, log-in with Google."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import emails, known_devices, mail_limits, security_log
from accounts.models import User
from kernel import domains
from kernel.http import client_address

UNKNOWN_ADDRESS = "0.0.0.0"  # noqa: S104  (no socket is bound to it)
# What anybody can ask for in anybody's name. The other mails tell an account's owner what happened to it.
ASKED_FOR = {
    f"account/email/{name}"
    for name in (
        "account_already_exists",
        "email_confirmation",
        "email_confirmation_signup",
        "password_reset_key",
        "unknown_account",
    )
}


class AccountAdapter(DefaultAccountAdapter):
    def get_client_ip(self, request: HttpRequest) -> str:
        """For allauth's limits and its list of sessions. It needs an address, and a request through a Unix socket has
        none where no proxy is trusted."""
        return client_address(request) or UNKNOWN_ADDRESS

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """Send the mail, unless it would be one too many to this address in this hour. The page says the same in both
        cases, and the mails before are good still."""
        if template_prefix not in ASKED_FOR or mail_limits.may_write_about_account(email):
            super().send_mail(template_prefix, emails.for_wire(email), context)

    def clean_email(self, email: str) -> str:
        """One form for all spellings of a domain, so that one mailbox has one log-in."""
        local, at, domain = super().clean_email(email).rpartition("@")
        try:
            return f"{local}{at}{domains.to_unicode(domain)}"
        except domains.BadDomain:
            raise ValidationError(_("The domain after the @ is not valid.")) from None

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        email = credentials.get("email", "").lower()
        return f"{email}:{known_devices.device_of(request, email)}"

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        security_log.note_wrong_password(request, credentials.get("email", ""))

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        known_devices.remember(response, user.email)
        return response

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        # People with an invitation may always sign up.
        return settings.SIGN_UP_IS_OPEN or request.session.get("invited", False)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("home")

    def is_safe_url(self, url: str | None) -> bool:
        try:
            return super().is_safe_url(url)
        except ValueError:  # what urlsplit() can't read, such as "http://["
            return False

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user = super().save_user(request, user, form, commit=False)
        user.email = user.email.lower()
        user.name = form.cleaned_data.get("name", "")
        user.language = request.LANGUAGE_CODE[:2] if request.LANGUAGE_CODE[:2] in dict(settings.LANGUAGES) else "en"
        if commit:
            user.save()
        return user


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> SocialApp:
        """Raises Http404 where the operator has not set up this provider: its addresses are there all the same."""
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist:
            raise Http404 from None
