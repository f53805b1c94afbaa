from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TemplatesConfig(AppConfig):
    name = "templates_app"

    def ready(self) -> None:
        from accounts import audit_words
        from contacts.exports import workspace_archive
        from kernel import trash
        from templates_app.audit_words import WORDS
        from templates_app.models import MessageTemplate

        audit_words.register(WORDS)
        trash.register(MessageTemplate, "template", _("Templates"), permission="templates.edit", page="templates:index")
        workspace_archive.register(
            "templates",
            "id, name, html, text, created_at, updated_at",
            "templates_app_messagetemplate WHERE workspace_id = %(workspace)s AND deleted_at IS NULL ORDER BY id",
        )
