"""What the audit log says for each verb of this app."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "template.created": _("Created a template"),
    "template.changed": _("Edited a template"),
    "template.deleted": _("Deleted a template"),
    "template.restored": _("Restored a template"),
    "picture.uploaded": _("Uploaded a picture"),
    "picture.changed": _("Edited a picture"),
    "picture.replaced": _("Replaced a picture everywhere"),
    "picture.deleted": _("Deleted a picture"),
    "picture.restored": _("Restored a picture"),
}
