"""What the fields that every contact has are called."""

from django.utils.translation import gettext_lazy as _

LABELS = {
    "email": _("E-mail"),
    "phone": _("Phone"),
    "external_id": _("Customer number"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "language": _("Language"),
    "frequency": _("How often"),
    "paused_until": _("Paused until"),
}
