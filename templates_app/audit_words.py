"""What the audit log says for each verb of this app."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "template.created": _("Created a template"),
    "template.changed": _("Edited a template"),
    "template.deleted": _("Deleted a template"),
    "template.restored": _("Restored a template"),
    "template.archived": _("Archived a template"),
    "template.unarchived": _("Took a template out of the archive"),
    "template.version_named": _("Named a version of a template"),
    "template.version_restored": _("Restored a version of a template"),
    "brand.changed": _("Edited the brand"),
    "picture.uploaded": _("Uploaded a picture"),
    "picture.changed": _("Edited a picture"),
    "picture.replaced": _("Replaced a picture everywhere"),
    "picture.deleted": _("Deleted a picture"),
    "picture.restored": _("Restored a picture"),
}
