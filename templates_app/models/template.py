from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.tenancy import ScopedManager, ScopedQuerySet, WorkspaceModel
from templates_app.plain_text import text_of


class TemplateQuerySet(ScopedQuerySet):
    def present(self):
        return self.filter(deleted_at=None)


class MessageTemplate(WorkspaceModel):
    """An e-mail's HTML with merge tags, and its text part. The HTML is sanitised before it is stored."""

    name = models.CharField(_("name"), max_length=120)
    html = models.TextField(_("HTML"))
    text = models.TextField(_("text part"), blank=True)
    created_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, editable=False)

    objects = ScopedManager.from_queryset(TemplateQuerySet)()

    class Meta(WorkspaceModel.Meta):
        verbose_name = _("template")
        indexes = [models.Index(fields=["workspace", "-updated_at"], name="template_recent")]

    def __str__(self):
        return self.name

    @property
    def text_part(self) -> str:
        """The merchant's own text, else the one made from the HTML."""
        return self.text or text_of(self.html)
