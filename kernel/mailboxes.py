"""Addresses that lead to the same mailbox."""


def mailbox(address: str) -> str:
    """The same text for all addresses of one mailbox: the local part without dots and without a "+tag"."""
    local, _at, domain = address.partition("@")
    return f"{local.partition('+')[0].replace('.', '')}@{domain}"
