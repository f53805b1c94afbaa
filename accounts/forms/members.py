from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.adapter import get_adapter
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import RANK, Role, may_grant
from accounts.models import Membership
from kernel.forms import choice_field

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def roles_for(membership: Membership) -> list[tuple[str, StrOrPromise]]:
    """The (value, label) of the roles that this member may give to others, the highest first."""
    return [(role.value, role.label) for role in reversed(RANK) if may_grant(membership.role, role)]


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args, granter: Membership, **kwargs):
        super().__init__(*args, **kwargs)
        choice_field(self, "role").choices = roles_for(granter)


class InvitationForm(RoleForm):
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    field_order = ["email", "role"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].initial = Role.OPERATOR.value

    def clean_email(self) -> str:
        return get_adapter().clean_email(self.cleaned_data["email"])
