from .consent import Consent
from .contact import Contact
from .contact_import import ContactImport, ImportPart, RejectedRow
from .field import ContactField
from .suppression import Suppression
from .tag import ContactTag, Tag

__all__ = [
    "Consent",
    "Contact",
    "ContactField",
    "ContactImport",
    "ContactTag",
    "ImportPart",
    "RejectedRow",
    "Suppression",
    "Tag",
]
