from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "delivery"

    def ready(self):
        from accounts import context
        from contacts.importing import traces
        from delivery import jobs  # noqa: F401  (declares)
        from delivery.channels import registry
        from delivery.models import Control, Deployment

        registry.discover()
        traces.register(
            "EXISTS (SELECT FROM delivery_message m WHERE m.workspace_id = c.workspace_id AND m.contact_id = c.id)"
        )
        context.banners.append(Control.banner)
        context.banners.append(Deployment.banner)
