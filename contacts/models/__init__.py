from .bulk_action import BulkAction
from .change import ChangeReader, ContactChange
from .company import Company, CompanyContact
from .consent import Channel, Consent
from .contact import Contact
from .contact_event import ContactEvent, EventName
from .contact_import import (
    ContactImport,
    ImportedContacts,
    ImportList,
    ImportNote,
    ImportPart,
    ImportTag,
    RejectedRow,
)
from .contact_list import ContactList, ListMember
from .export import Export, ExportPart
from .field import ContactField
from .note import Note
from .search import SearchChange, SearchEntry
from .segment import Segment
from .signup_form import FormTopic, Signup, SignupForm
from .suppression import BlockedDomain, Suppression
from .tag import ContactTag, Tag
from .topic import Topic, TopicChoice

__all__ = [
    "BlockedDomain",
    "BulkAction",
    "ChangeReader",
    "Channel",
    "Company",
    "CompanyContact",
    "Consent",
    "Contact",
    "ContactChange",
    "ContactEvent",
    "ContactField",
    "ContactImport",
    "ContactList",
    "ContactTag",
    "EventName",
    "Export",
    "ExportPart",
    "FormTopic",
    "ImportList",
    "ImportNote",
    "ImportPart",
    "ImportTag",
    "ImportedContacts",
    "ListMember",
    "Note",
    "RejectedRow",
    "SearchChange",
    "SearchEntry",
    "Segment",
    "Signup",
    "SignupForm",
    "Suppression",
    "Tag",
    "Topic",
    "TopicChoice",
]
