from django.apps import AppConfig
from django.db.models.signals import post_migrate


class KernelConfig(AppConfig):
    name = "kernel"

    def ready(self) -> None:
        from kernel import checks  # noqa: F401  (registers)
        from kernel.roles import sync_after_migrate

        post_migrate.connect(sync_after_migrate)
