"""Addresses: which lead to the same mailbox, and how one is shown without being told."""


def mailbox(address: str) -> str:
    """The same text for all addresses of one mailbox: the local part without dots and without a "+tag"."""
    local, _at, domain = address.partition("@")
    return f"{local.partition('+')[0].replace('.', '')}@{domain}"


def mask(email: str | None) -> str:
    """a•••@example.com: enough to recognise one's own address, but not to tell it to a stranger."""
    local, _at, domain = (email or "").partition("@")
    return f"{local[:1]}•••@{domain}" if domain else ""
