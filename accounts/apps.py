from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import language
        from kernel import jobs

        jobs.job_contexts.append(language.of_workspace)
