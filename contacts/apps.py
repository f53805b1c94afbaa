from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "contacts"

    def ready(self):
        from contacts import jobs  # noqa: F401  (declares)
        from contacts.segmentation import belonging, consents, own_fields, people, sampling  # noqa: F401  (register)
