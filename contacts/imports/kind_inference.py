"""Proposes the kind of a new field from the heading and the values of its column."""

from __future__ import annotations

import re
from typing import Any

from contacts.fields import values
from contacts.imports import headings
from contacts.models import ContactField

Kind = ContactField.Kind
MAX_CHOICES = 8
# Whole numbers of this length, all equally long, are more often codes (75001, a SIREN) than quantities.
MIN_CODE_LENGTH = 5
# Words of a heading under which digits are a code, in English, French, German, Spanish, Italian, Portuguese and Dutch.
# As a number a code would lose its zeros, and a sum of codes means nothing.
CODE_WORDS = (
    "zip zipcode postal postcode postalcode codepostal cp plz postleitzahl cap cep "
    "siret siren rcs ape naf vat tva mwst iva ust btw kvk nif cif nie dni cpf cnpj iban bic rib ssn nir "
    "phone phones telephone tel telefon telefono telefone telefoon mobile mobil handy movil celular cellulare gsm "
    "portable fax sms whatsapp "
    "id ids uid uuid guid euid ref refs reference referenz referencia riferimento referentie sku ean isbn gtin upc "
    "code codes kode codigo codice matricule identifiant identifier token hash key "
    "numero num nr no nummer kundennummer kundennr kdnr customernumber accountnumber hausnummer "
    "klantnummer telefoonnummer telefonnummer mobilnummer huisnummer card carte karte"
)
_CODE_WORDS = frozenset(CODE_WORDS.split())
# Under these, ON is Ontario and NO is Norway.
PLACE_WORDS = (
    "country countries province provinces state region regions county pays etat departement canton land bundesland "
    "pais provincia estado comunidad paese stato regione regiao provincie gewest code codes kode codigo codice"
)
_PLACE_WORDS = frozenset(PLACE_WORDS.split())
_NUMBER_SIGN = re.compile(r"\bn[°ºo]\.?(?=\W|_|$)|#", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"(?:\+|00|0)[1-9][\d .()/-]{6,}")


def propose(found: list[str], heading: str = "", **conventions: Any) -> str:
    """The narrowest kind that every value fits; text if there is none. `conventions` are values.conventions()."""
    if not found:
        return Kind.TEXT
    codes = is_code_heading(heading) or hold_codes(found)
    numbers = all(text in ("0", "1") for text in found)
    for kind in (Kind.DATE, Kind.URL, Kind.BOOLEAN, Kind.NUMBER):
        if kind == Kind.NUMBER and codes:
            continue
        if kind == Kind.BOOLEAN and ((numbers and len(set(found)) < 2) or names_places(heading)):
            continue
        if kind == Kind.URL and not all("/" in text or text.lower().startswith("www.") for text in found):
            continue
        if all(fits(kind, text, conventions) for text in found):
            return kind
    return Kind.CHOICE if _is_choice(found) else Kind.TEXT


def names_places(heading: str) -> bool:
    """Whether a heading names countries, their regions or codes."""
    return not _PLACE_WORDS.isdisjoint(headings.letters_of(heading))


def is_code_heading(heading: str) -> bool:
    """Whether a heading names a postcode, an id, a phone number, a reference or another code."""
    if _NUMBER_SIGN.search(heading):
        return True
    words = headings.letters_of(heading)
    # "Customer number" is a code, "number of orders" is none.
    is_number = "number" in words and "of" not in words and words[0] != "number"
    return is_number or not _CODE_WORDS.isdisjoint(words)


def hold_codes(found: list[str]) -> bool:
    """Whether values look like codes: one begins with a zero, or all are whole numbers of one length."""
    if any(re.match(r"0\d", text) for text in found):
        return True
    lengths = {len(text) if text.isascii() and text.isdigit() else 0 for text in found}
    return len(lengths) == 1 and min(lengths) >= MIN_CODE_LENGTH


def looks_like_email(text: str) -> bool:
    return bool(_EMAIL.fullmatch(text))


def looks_like_phone(text: str) -> bool:
    return bool(_PHONE.fullmatch(text))


def fits(kind: str, text: str, conventions: values.ReadOptions) -> bool:
    """Whether a text can be read as a value of the kind."""
    try:
        return values.read(kind, text, **conventions) is not None
    except values.BadValue:
        return False


def _is_choice(found: list[str]) -> bool:
    """Whether these are a few short texts that repeat."""
    return len(found) >= 12 and len(set(found)) <= min(MAX_CHOICES, len(found) // 4) and max(map(len, found)) <= 30
