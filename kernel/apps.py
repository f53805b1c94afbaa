from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class KernelConfig(AppConfig):
    name = "kernel"

    def ready(self) -> None:
        from kernel import checks  # noqa: F401  (registers)
        from kernel.files import jobs  # noqa: F401  (registers)
        from kernel.partitions import maintain_after_migrate
        from kernel.roles import sync_after_migrate

        post_migrate.connect(sync_after_migrate)
        post_migrate.connect(maintain_after_migrate)
        # Jobs are asked for by name, so every process knows all of them.
        autodiscover_modules("jobs", "subscribers")
