"""What the name of a file, or of a sheet, says about its people.

Many programs export each group of people into a file of its own, and say only in its name who they are: Mailchimp's
“unsubscribed_members_export_1a2b.csv”, SendGrid's “suppression_bounces.csv”. So do people: “Désabonnés 2024.xlsx”.
"""

from __future__ import annotations

import re
from enum import StrEnum

from contacts.imports import headings


class Group(StrEnum):
    """Who must not be subscribed because of the name of their file."""

    #: They left, complained, were blocked, or mail to them came back.
    LEFT = "left"
    #: They never said yes.
    NEVER_SUBSCRIBED = "never subscribed"


# Parts of names, in English, French, German, Spanish, Italian, Portuguese and Dutch, folded. A word may go on after its
# part, unless the part ends with $; and a part stands at the beginning of a word, unless it begins with *.
_NEVER_SUBSCRIBED = (
    "non subscrib, nonsubscrib, not subscribed, never subscribed, not opted in, unconfirmed, pending members, "
    "pending subscribers, pending contacts, transactional, "
    "non abonn, non inscrit, jamais inscrit, non confirme, sans consentement, transactionnel, "
    "nicht abonniert, nicht angemeldet, nicht bestatigt, unbestatigt, ohne einwilligung, "
    "no suscrit, no confirmad, sin confirmar, sin consentimiento, "
    "non iscritt, non confermat, senza consenso, "
    "nao inscrit, nao confirmad, sem consentimento, "
    "niet ingeschreven, niet aangemeld, niet bevestigd, zonder toestemming"
)
_LEFT = (
    "*unsub, opt out, optout, opted out, suppress, blacklist, blocklist, block list, denylist, deny list, blocked, "
    "dnc$, do not contact, do not e, do not mail, do not send, donot, dont contact, bounce$, bounces$, bounced, "
    "hard bounce, hardbounce, soft bounce, softbounce, cleaned members, cleaned email, cleaned audience, "
    "cleaned segment, cleaned contacts, cleaned subscribers, undeliverable, undelivered, invalid email, "
    "invalid address, complain, spam report, spamreport, abuse report, excluded, exclusion, withdrawn, revoked, "
    "*desabonn, *desinscri, liste noire, liste rouge, repoussoir, bloque, ne pas contacter, ne plus contacter, "
    "ne pas envoyer, opposition, plainte, npai$, exclus$, refus$, "
    "*abgemeldet, *abmeldung, *abmelder, *abbestell, ausgetragen, *sperrliste, gesperrt, blockiert, widerruf, "
    "*widerspruch, nicht kontaktieren, nicht anschreiben, unzustellbar, rucklaufer, beschwerde, robinson, "
    "bajas$, baja$, desuscri, lista negra, lista de exclusion, bloquead, no contactar, no enviar, rebotad, rebotes, "
    "quejas, excluid, "
    "disiscri, lista nera, bloccat, non contattare, non inviare, rimbalz, reclami, esclusi$, escluse$, disdett, "
    "descadastr, cancelou, nao contat, nao contact, nao enviar, devolvid, lista de bloqueio, reclamac, removidos, "
    "uitgeschreven, *uitschrijving, afgemeld, *afmelding, *zwarte lijst, blokkeerlijst, geblokkeerd, "
    "niet contacteren, niet mailen, niet benaderen, onbestelbaar, klachten"
)


def _pattern(parts: str) -> re.Pattern[str]:
    found = []
    for part in filter(None, map(str.strip, parts.split(","))):
        begin, end = "" if part[0] == "*" else r"\b", r"\b" if part[-1] == "$" else ""
        found.append(begin + re.escape(part.strip("*$")) + end)
    return re.compile("|".join(found))


# The first one whose words are found counts.
_GROUPS = ((Group.LEFT, _pattern(_LEFT)), (Group.NEVER_SUBSCRIBED, _pattern(_NEVER_SUBSCRIBED)))


def group_of(*names: str) -> Group | None:
    """The group of people that one of these names stands for; None if a yes may be asked of them. People who left count
    more than people who never came."""
    folded = [" ".join(headings.letters_of(name)) for name in names]
    return next((group for group, pattern in _GROUPS if any(map(pattern.search, folded))), None)
