from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "delivery"

    def ready(self):
        from accounts import context
        from delivery import jobs, subscribers  # noqa: F401  (declares)
        from delivery.channels import registry
        from delivery.models import Control, Deployment

        registry.discover()
        context.banners.append(Control.banner)
        context.banners.append(Deployment.banner)
