from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import audit_words, engine_transactions, language, security_log
        from kernel import jobs

        audit_words.register(audit_words.WORDS)
        jobs.CONTEXTS.add(language.of_workspace)
        security_log.listen()
        engine_transactions.use_the_engine()
