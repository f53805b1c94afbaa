from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.access import PERMISSIONS, Role


class Membership(models.Model):
    """A person's role in a workspace. Not scoped: the switcher reads one person's rows of all workspaces."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=12, choices=Role)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="one_membership_each")]

    def __str__(self):
        return f"{self.user} ({self.get_role_display()})"

    def may(self, permission: str) -> bool:
        return self.role in PERMISSIONS[permission]

    @property
    def is_owner(self) -> bool:
        return self.role == Role.OWNER
