from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "analytics"

    def ready(self) -> None:
        from accounts import audit_words
        from analytics.audit_words import WORDS

        audit_words.register(WORDS)
