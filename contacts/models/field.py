from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.tenancy import WorkspaceModel


class ContactField(WorkspaceModel):
    """A column of the workspace's own, such as city: kept in Contact.attributes, usable as a merge tag."""

    name = models.SlugField(_("merge tag"), max_length=40)
    label = models.CharField(_("label"), max_length=80)

    RESERVED = {"email", "first_name", "last_name", "full_name", "unsubscribe_url", "view_url", "postal_address"}

    class Meta(WorkspaceModel.Meta):
        ordering = ["label"]
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="one_field_a_name")]

    def __str__(self):
        return self.label
