from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactsConfig(AppConfig):
    name = "contacts"

    def ready(self):
        from contacts import form_groups, jobs, tagging  # noqa: F401  (declare)
        from contacts.segmentation import belonging, consents, own_fields, people, sampling, using  # noqa: F401
        from contacts.segmentation.following import follow_tag

        tagging.merge_followers.append(follow_tag)
        tagging.merge_followers.append(form_groups.follow_tag)
        using.register()
        form_groups.register()
        self._register_trash()

    def _register_trash(self):
        from contacts.models import Company, ContactField, ContactList, Segment, SignupForm, Tag, Topic
        from kernel import trash

        for model, noun, label, page in (
            (ContactList, "list", _("Lists"), "contacts:lists"),
            (Tag, "tag", _("Tags"), "contacts:tags"),
            (Segment, "segment", _("Segments"), "contacts:segments"),
            (SignupForm, "form", _("Forms"), "contacts:forms"),
            (Company, "company", _("Companies"), "contacts:companies"),
            (ContactField, "field", _("Fields"), "contacts:fields"),
            (Topic, "topic", _("Topics"), "contacts:topics"),
        ):
            trash.register(model, noun, label, permission="contacts.delete", page=page)
