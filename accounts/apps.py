from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import language
        from kernel import jobs

        jobs.CONTEXTS.add(language.of_workspace)
