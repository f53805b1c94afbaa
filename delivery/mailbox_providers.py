"""The mailbox providers that facts are counted by: few names, so that what counts by them stays small."""

from __future__ import annotations

from contacts.consent import consent_rules

OTHER = "other"

#: The domain that stands for a provider, and its other domains. At most 24 characters.
PROVIDERS: dict[str, tuple[str, ...]] = {
    "gmail.com": ("googlemail.com",),
    "outlook.com": ("hotmail.com", "hotmail.fr", "hotmail.co.uk", "live.com", "live.fr", "msn.com", "outlook.fr"),
    "yahoo.com": ("yahoo.fr", "yahoo.co.uk", "yahoo.de", "yahoo.es", "yahoo.it", "ymail.com", "rocketmail.com"),
    "icloud.com": ("me.com", "mac.com"),
    "aol.com": ("aol.fr",),
    "orange.fr": ("wanadoo.fr",),
    "free.fr": (),
    "sfr.fr": ("neuf.fr", "cegetel.net", "club-internet.fr"),
    "laposte.net": (),
    "bbox.fr": (),
    "gmx.net": ("gmx.de", "gmx.com", "gmx.at", "gmx.ch", "gmx.fr"),
    "web.de": (),
    "t-online.de": (),
    "libero.it": (),
    "proton.me": ("protonmail.com", "pm.me"),
    "yandex.ru": ("yandex.com", "ya.ru"),
    "mail.ru": (),
    "qq.com": (),
}


def of_address(address: str) -> str:
    """An SQL expression: the provider of an address that is an SQL expression, or `other`."""
    cases = " ".join(
        f"WHEN '{domain}' THEN '{provider}'" for provider, others in PROVIDERS.items() for domain in (provider, *others)
    )
    return f"(CASE split_part(lower({address}), '@', 2) {cases} ELSE '{OTHER}' END)"


def of_contact(channel: str = "b.channel", contact: str = "c") -> str:
    """The same of a contact's address for the channel, which is an SQL expression, too."""
    addresses = " ".join(f"WHEN '{name}' THEN {contact}.{column}" for name, column in consent_rules.ADDRESS.items())
    return of_address(f"(CASE {channel} {addresses} END)")
