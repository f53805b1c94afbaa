"""Taking a file in: stored in parts, looked at, its columns guessed."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import PurePath

from django.conf import settings
from django.utils.translation import gettext as _

from contacts.importing import sniffing
from contacts.models import ContactField, ContactImport, ImportPart

PART = 1024 * 1024

# How columns are called in the files people have, by what they mean. Compared without case, accents and signs.
GUESSES = {
    "email": {"email", "mail", "emailaddress", "adressemail", "courriel", "adresseemail", "adresseelectronique"},
    "first_name": {"firstname", "prenom", "givenname", "forename", "first"},
    "last_name": {"lastname", "nom", "surname", "familyname", "nomdefamille", "last"},
    "tags": {"tags", "tag", "etiquettes", "labels", "groups", "groupes"},
}


def upload(file, user) -> ContactImport:
    """Store an uploaded file and what it seems to be. Raises sniffing.Unreadable."""
    if file.size > settings.IMPORT_MAX_BYTES:
        most = settings.IMPORT_MAX_BYTES // 1024 // 1024
        raise sniffing.Unreadable(
            _("This file is larger than %(most)d MB. Split it and upload the parts one after another.") % {"most": most}
        )
    file.seek(0)
    look = sniffing.look(file.read(sniffing.LOOK_AT))
    if len(look.rows) <= int(look.has_header):
        raise sniffing.Unreadable(_("The file has column names but no rows."))
    contact_import = ContactImport.objects.create(
        name=PurePath(file.name or "contacts.csv").name[:200],
        size=file.size,
        sha256="",
        encoding=look.encoding,
        delimiter=look.delimiter,
        has_header=look.has_header,
        mapping=guess_mapping(look),
        uploaded_by=user,
    )
    _store(contact_import, file)
    return contact_import


def start_of(contact_import: ContactImport) -> bytes:
    part = contact_import.parts.filter(n=0).values_list("data", flat=True).first()
    return bytes(part or b"")[: sniffing.LOOK_AT]


def guess_mapping(look: sniffing.Look) -> list[str]:
    """For each column what it holds: "email", "first_name", "attributes:city", "" for left out."""
    width = max(len(row) for row in look.rows)
    names = look.rows[0] if look.has_header else []
    own = set(ContactField.objects.values_list("name", flat=True))
    mapping: list[str] = []
    for column in range(width):
        guess = _guess(names[column] if column < len(names) else "", own)
        mapping.append("" if guess in mapping else guess)
    if "email" not in mapping:
        for column in range(width):
            if any(column < len(row) and "@" in row[column] for row in look.rows[int(look.has_header) :]):
                mapping[column] = "email"
                break
    return mapping


def _guess(name: str, own_fields: set[str]) -> str:
    key = _fold(name)
    for meaning, spellings in GUESSES.items():
        if key in spellings:
            return meaning
    slug = field_name(name)
    return f"attributes:{slug}" if slug in own_fields else ""


def field_name(label: str) -> str:
    """The merge tag of a column: "Ville préférée" becomes ville_preferee."""
    words = re.findall(r"[a-z0-9]+", _strip_accents(label.lower()))
    name = "_".join(words)[:40]
    return f"field_{name}" if name[:1].isdigit() else name


def _fold(name: str) -> str:
    return re.sub(r"[^a-z]", "", _strip_accents(name.lower()))


def _strip_accents(text: str) -> str:

    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def _store(contact_import: ContactImport, file) -> None:
    digest = hashlib.sha256()
    file.seek(0)
    n = 0
    while data := file.read(PART):
        digest.update(data)
        ImportPart.objects.create(contact_import=contact_import, n=n, data=data)
        n += 1
    contact_import.sha256 = digest.hexdigest()
    contact_import.save(update_fields=["sha256"])
