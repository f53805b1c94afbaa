from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import RANK, Role, may_grant


def roles_for(membership) -> list[tuple[str, str]]:
    """The roles this member may hand out, the highest first."""
    return [(role.value, role.label) for role in reversed(RANK) if may_grant(membership.role, role)]


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args, granter, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = roles_for(granter)


class InvitationForm(RoleForm):
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    field_order = ["email", "role"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].initial = Role.OPERATOR.value
