"""What the audit log says for each verb of this app."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "account.created": _("Added a provider account"),
    "account.changed": _("Edited a provider account"),
    "account.made_default": _("Made a provider account the default"),
    "account.tested": _("Tested a provider account"),
    "account.deleted": _("Deleted a provider account"),
    "sender.created": _("Added a sender"),
    "sender.changed": _("Edited a sender"),
    "sender.deleted": _("Deleted a sender"),
    "sender.restored": _("Restored a sender"),
    "seed_list.created": _("Added a seed list"),
    "seed_list.changed": _("Edited a seed list"),
    "seed_list.deleted": _("Deleted a seed list"),
    "seed_list.restored": _("Restored a seed list"),
    "test.sent": _("Sent a test"),
    "tester.asked": _("Asked an address to confirm that it gets tests"),
    "tester.confirmed": _("An address confirmed that it gets tests"),
    "tester.stopped": _("An address stopped getting tests"),
    "tester.removed": _("Removed an address that got tests"),
}
