"""The merge tags about the message itself, beside those about the contact (contacts.identity.merge_values)."""

# Links to pages of ours; delivery.tracking says where they lead.
LINKS = ("unsubscribe_url", "preferences_url", "view_url")
#: What merchants can use.
OF_MESSAGE = (*LINKS, "postal_address")
# The open pixel and the counted links, which sending puts in.
OPEN, CLICK = "fanfare_open", "fanfare_click"
