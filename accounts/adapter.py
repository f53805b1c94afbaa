"""allauth's hooks: whether sign-up is open, the page after logging in, and what a new account holds."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
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
