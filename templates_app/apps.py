from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TemplatesConfig(AppConfig):
    name = "templates_app"

    def ready(self) -> None:
        from kernel import trash
        from templates_app.models import MessageTemplate

        trash.register(MessageTemplate, "template", _("Templates"), permission="templates.edit", page="templates:index")
