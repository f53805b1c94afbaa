from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.rls import SameWorkspace
from kernel.tenancy import WorkspaceModel
from kernel.trash import Trashable


class Topic(Trashable):
    """A subject of messages, such as news or offers. A person can opt out of one and keep the others."""

    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(_("description"), max_length=200, blank=True)
    needs_choice = models.BooleanField(
        _("only for people who chose it"),
        default=False,
        help_text=_("Otherwise all subscribers receive it until they opt out."),
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta(Trashable.Meta):
        verbose_name = _("topic")
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "name"], condition=models.Q(deleted_at=None), name="one_topic_a_name"
            )
        ]
        indexes = [models.Index(fields=["workspace", "id"], name="topic_ws")]

    def __str__(self):
        return self.name


class TopicChoice(WorkspaceModel):
    """A person's choice for a topic on a channel, derived from the newest consent row on it. No row: no choice yet."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    contact = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, db_constraint=False, db_index=False)
    channel = models.CharField(max_length=20, default="email")
    wanted = models.BooleanField()
    at = models.DateTimeField(auto_now=True)

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "topic", "channel", "contact"], name="one_choice_a_topic"),
            SameWorkspace("topic"),
            SameWorkspace("contact"),
        ]
        indexes = [models.Index(fields=["workspace", "contact"], name="topics_of_contact")]

    def __str__(self):
        return f"{self.topic_id} {self.contact_id}"
