from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.access import signed_in
from accounts.forms.profile import ProfileForm
from accounts.requests import MemberRequest


@signed_in
def edit(request: MemberRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        translation.activate(user.language)
        messages.success(request, _("Profile saved."))
        return redirect("profile")
    return render(request, "accounts/profile/edit.html", {"form": form})
