"""The merge tags about the message itself, beside those about the contact (contacts.identity.merge_values)."""

# Links to pages of ours; delivery.tracking says where they lead.
LINKS = ("unsubscribe_url", "preferences_url", "view_url")
#: What merchants can use.
OF_MESSAGE = (*LINKS, "postal_address")
# The open pixel and the counted links, which sending puts in.
OPEN, CLICK = "fanfare_open", "fanfare_click"
_OURS = ("fanfare_", "\0")  # what names of our own begin with


def is_ours(name: str) -> bool:
    """Whether the value of this name is decided by us: no text may give it another one."""
    return name in OF_MESSAGE or name.startswith(_OURS)
