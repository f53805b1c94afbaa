"""allauth's hooks: whether sign-up is open, where to go after logging in, mails marked as automatic."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.urls import reverse


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        # An invited person may always sign up.
        return settings.SIGN_UP_IS_OPEN or request.session.get("invited", False)

    def get_login_redirect_url(self, request):
        return reverse("home")

    def save_user(self, request, user, form, commit=True):
        user = super().save_user(request, user, form, commit=False)
        user.email = user.email.lower()
        user.name = form.cleaned_data.get("name", "")
        user.language = request.LANGUAGE_CODE[:2] if request.LANGUAGE_CODE[:2] in dict(settings.LANGUAGES) else "en"
        if commit:
            user.save()
        return user
