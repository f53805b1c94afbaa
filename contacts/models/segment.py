from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.trash import Trashable


class Segment(Trashable):
    """The people who match conditions at the moment of asking. `definition` is versioned data, read by
    `contacts.segments`. A static snapshot of a segment is a list."""

    name = models.CharField(_("name"), max_length=120)
    definition = models.JSONField(default=dict)
    created_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(Trashable.Meta):
        verbose_name = _("segment")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "name"], condition=models.Q(deleted_at=None), name="one_segment_a_name"
            )
        ]
        indexes = [models.Index(fields=["workspace", "id"], name="segment_ws")]

    def __str__(self):
        return self.name
