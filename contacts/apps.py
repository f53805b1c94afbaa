from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactsConfig(AppConfig):
    name = "contacts"

    def ready(self) -> None:
        from accounts import audit_words
        from contacts import growth
        from contacts.audit_words import WORDS
        from contacts.groups import tagging
        from contacts.segments import (  # noqa: F401
            consent_conditions,
            event_conditions,
            field_conditions,
            membership_conditions,
            origin_conditions,
            person_conditions,
            sample_conditions,
        )
        from contacts.segments import usage_checks as segment_usage
        from contacts.segments.tag_rewrites import follow_tag
        from contacts.signups import usage_checks as form_usage
        from kernel import partitions
        from kernel.files.columns import COLUMNS, FileColumn

        audit_words.register(WORDS)
        tagging.MERGE_FOLLOWERS.add(follow_tag)
        tagging.MERGE_FOLLOWERS.add(form_usage.follow_tag)
        segment_usage.register()
        form_usage.register()
        for table in growth.TABLES:
            partitions.TABLES.add(table, table.table)
        COLUMNS.add(FileColumn("contacts_export"), "exports")
        COLUMNS.add(FileColumn("contacts_contactimport"), "uploads")
        self._register_trash()

    def _register_trash(self) -> None:
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
