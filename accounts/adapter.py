"""allauth's hooks: whether sign-up is open, where a request comes from, the page after logging in, what a new account
holds."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts import known_devices
from accounts.models import User
from kernel.http import client_address

UNKNOWN_ADDRESS = "0.0.0.0"  # noqa: S104  (no socket is bound to it)


class AccountAdapter(DefaultAccountAdapter):
    def get_client_ip(self, request: HttpRequest) -> str:
        """For allauth's limits and its list of sessions. It needs an address, and a request through a Unix socket has
        none where no proxy is trusted."""
        return client_address(request) or UNKNOWN_ADDRESS

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        email = credentials.get("email", "").lower()
        return f"{email}:{known_devices.device_of(request, email)}"

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        known_devices.remember(response, user.email)
        return response

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        # People with an invitation may always sign up.
        return settings.SIGN_UP_IS_OPEN or request.session.get("invited", False)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("home")

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user = super().save_user(request, user, form, commit=False)
        user.email = user.email.lower()
        user.name = form.cleaned_data.get("name", "")
        user.language = request.LANGUAGE_CODE[:2] if request.LANGUAGE_CODE[:2] in dict(settings.LANGUAGES) else "en"
        if commit:
            user.save()
        return user
