from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "contacts"

    def ready(self):
        from contacts import jobs, tagging  # noqa: F401  (declare)
        from contacts.segmentation import belonging, consents, own_fields, people, sampling  # noqa: F401  (register)
        from contacts.segmentation.following import follow_tag

        tagging.merge_followers.append(follow_tag)
