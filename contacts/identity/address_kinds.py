"""Tells the address of a person from that of an office (role address) and from a disposable one."""

from __future__ import annotations

from disposable_email_domains import blocklist

# Local parts of role addresses, behind which no particular person agreed (RFC 2142, and common French ones).
_ROLES = """
info infos information contact contacts hello bonjour sales vente ventes commercial commerciale marketing support help
aide admin administration administrator webmaster postmaster hostmaster abuse noreply no-reply office bureau accueil
reception secretariat direction compta comptabilite accounting billing facturation invoice factures jobs recrutement rh
hr press presse mail email team equipe service services sav orders commandes booking reservation reservations shop
boutique news newsletter root security privacy rgpd gdpr dpo
"""
ROLES = frozenset(_ROLES.split())


def address_kind(email: str) -> str:
    """A value of Contact.AddressKind for a stored address."""
    local, _, domain = email.partition("@")
    if local in ROLES:
        return "role"
    return "disposable" if domain in blocklist else ""
