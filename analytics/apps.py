from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalyticsConfig(AppConfig):
    name = "analytics"

    def ready(self) -> None:
        from accounts import audit_words
        from analytics import recipients_export
        from analytics.audit_words import WORDS
        from contacts.exports import kinds

        audit_words.register(WORDS)
        kinds.register(
            recipients_export.KIND,
            kinds.Kind(_("Recipients of a campaign"), "reports.export", recipients_export.source),
        )
