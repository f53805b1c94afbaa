"""Guesses what the columns of a file hold: as in the last file with the same column names, else by name and content."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from typing import Any

from accounts.models import Workspace
from contacts.fields import values
from contacts.imports import consent_columns, format_inference, kind_inference, phone_countries
from contacts.imports.sniffing import FileSample
from contacts.models import ContactField, ContactImport
from kernel.tenancy import require_workspace_id

Target = ContactImport.Target
# How many values of a consent column are remembered for the next file with the same columns.
MAX_REMEMBERED = 200

# Column names in common files: Excel, Outlook, Google, Mailchimp, Brevo, HubSpot, in English and French. Compared
# without case, accents and punctuation.
CONTACT_HEADERS = {
    "email": "email mail emailaddress adressemail adresseemail courriel adresseelectronique adressedemessagerie "
    "adresseelectroniquedelapersonne email1value emailadresse primaryemail emailpersonnel adressecourriel "
    "contactemail",
    "phone": "phone phonenumber mobile mobilephone mobilenumber mobilephonenumber telephone tel telmobile portable gsm "
    "sms cellphone cell telephonemobile telephoneportable numerodetelephone numero whatsapp "
    "phone1value primaryphone telephone1",
    "external_id": "externalid extid id customerid clientid userid contactid recordid idclient numeroclient numclient "
    "codeclient refclient referenceclient customernumber idexterne crmid euid",
    "first_name": "firstname prenom givenname forename first fname prenoms",
    "last_name": "lastname nom surname familyname nomdefamille last lname nomfamille",
    "full_name": "name fullname displayname nomcomplet nometprenom nomprenom prenomnom prenometnom contact "
    "contactname nomducontact",
    "language": "language langue lang preferredlanguage locale languepreferee",
    "tags": "tags tag etiquettes etiquette labels groups groupes groupmembership categories categorie",
    "lists": "lists list listes liste audiences audience",
    "company": "company companyname societe entreprise organisation organization organizationname raisonsociale "
    "nomdelasociete nomdelentreprise associatedcompany employer account organization1name nomsociete nomentreprise",
    "companies": "companies societes entreprises organisations organizations",
    "company_role": "companyrole role roleentreprise rolecontact roledanslentreprise",
}
COMPANY_HEADERS = {
    "company": CONTACT_HEADERS["company"] + " name nom client nomclient",
    "company_status": "status statut etat companystatus",
    "company_kind": "kind type typeclient typedeclient category categorie lifecyclestage",
    "company_industry": "industry secteur secteurdactivite activite sector domaine",
    "company_size": "size taille effectif employees numberofemployees nombredemployes nombredesalaries",
    "company_website": "website site siteweb web url siteinternet websiteurl companydomainname domain",
    "email": CONTACT_HEADERS["email"],
    "phone": CONTACT_HEADERS["phone"],
    "contact_email": "keycontact keycontactemail contactprincipal emailducontact contactemail emailcontact mailcontact",
    "company_role": CONTACT_HEADERS["company_role"] + " contactrole roleducontact",
}
SUPPRESSION_HEADERS = {"email": CONTACT_HEADERS["email"], "phone": CONTACT_HEADERS["phone"]}
MEANINGS_BY_HEADER = {
    target: {header: meaning for meaning, names in reversed(headers.items()) for header in names.split()}
    for target, headers in (
        (Target.CONTACTS, CONTACT_HEADERS),
        (Target.COMPANIES, COMPANY_HEADERS),
        (Target.SUPPRESSION, SUPPRESSION_HEADERS),
    )
}


def header_key(sample: FileSample) -> str:
    """A SHA-256 in hex, equal for files with the same column names; empty for a file without a header."""
    if not sample.has_header:
        return ""
    return hashlib.sha256(json.dumps([name.strip().lower() for name in sample.rows[0]]).encode()).hexdigest()


def guess_mapping(sample: FileSample, target: str = Target.CONTACTS) -> list[str]:
    """What each column holds: "email", "first_name", "attributes:city", or "" to leave it out."""
    width = max(len(row) for row in sample.rows)
    if last := _last_with_header(sample, target):
        own = {f"attributes:{name}" for name in ContactField.objects.present().values_list("name", flat=True)}
        known = [meaning if meaning in own or not meaning.startswith("attributes:") else "" for meaning in last.mapping]
        return _not_asked_before(sample, known, last) if target == Target.CONTACTS else known
    names = sample.rows[0] if sample.has_header else []
    own = set(ContactField.objects.present().values_list("name", flat=True)) if target == Target.CONTACTS else set()
    mapping: list[str] = []
    for column in range(width):
        name = names[column] if column < len(names) else ""
        guess = _guess_consent(sample, column, name) if target == Target.CONTACTS else ""
        guess = guess or _guess(name, own, target)
        mapping.append("" if guess in mapping and guess not in consent_columns.REPEATABLE else guess)
    return _one_channel(_guess_identity(sample, mapping, target))


def guess_reading(sample: FileSample, target: str = Target.CONTACTS) -> list[format_inference.Reading]:
    """How the dates and numbers of each column are read: as its cells prove, else as in the last file, else as usual
    in the workspace's country; and the country of its phone numbers, where it is another one."""
    workspace = Workspace.objects.get(pk=require_workspace_id())
    conventions = values.conventions(workspace)
    last = _last_with_header(sample, target)
    remembered = last.reading if last else []
    rows, headings = sample.rows[int(sample.has_header) :], sample.rows[0] if sample.has_header else []
    found = []
    for n, column in enumerate(sample.evidence):
        before = remembered[n] if n < len(remembered) else {}
        reading = format_inference.choose_reading(column, conventions, before)
        if country := before.get("country") or phone_countries.guess(rows, headings, n, workspace.country):
            reading["country"] = country
        if target == Target.CONTACTS:
            reading |= consent_reading(sample, n, before)
        found.append(reading)
    return found


def consent_reading(
    sample: FileSample, column: int, remembered: format_inference.Reading | None = None, *, asked: bool = False
) -> dict[str, Any]:
    """How a column that says yes or no is read: what its values mean as "consent", as in the last file or by
    themselves. Empty for another column, unless it is `asked` for."""
    name = heading(sample, column)
    found = cells_of(sample, column)
    earlier = (remembered or {}).get("consent")
    if not asked and earlier is None and _guess_consent(sample, column, name) not in consent_columns.ANSWERS:
        return {}
    kind = consent_columns.kind_of(name)
    shown = list(consent_columns.folded_values(found).items())[: consent_columns.MAX_VALUES]
    states = {folded: consent_columns.state_of(text, kind, earlier) for folded, text in shown}
    return {"consent": dict([*states.items(), *(earlier or {}).items()][:MAX_REMEMBERED])}


def heading(sample: FileSample, column: int) -> str:
    """The name of a column; empty without a header."""
    names = sample.rows[0] if sample.has_header else []
    return names[column].strip() if column < len(names) else ""


def cells_of(sample: FileSample, column: int) -> dict[str, int]:
    """The different cells of a column, from all over the file, with how often each was seen."""
    found = dict(sample.evidence[column].distinct) if column < len(sample.evidence) else {}
    # A workbook's evidence has the header, too.
    if found.get(name := heading(sample, column)) == 1:
        del found[name]
    return found


def ambiguous_readings(contact_import: ContactImport) -> list[tuple[str, str]]:
    """(field label, how it was read) of each column of dates or numbers that could be read in more than one way."""
    fields = {
        f"attributes:{field.name}": field for field in ContactField.objects.filter(kind__in=format_inference.WAYS)
    }
    found = []
    for meaning, reading in zip(contact_import.mapping, contact_import.reading, strict=False):
        if meaning in fields and (way := reading.get(fields[meaning].kind)) in format_inference.WAY_LABELS:
            found.append((fields[meaning].label, str(format_inference.WAY_LABELS[way])))
    return found


def field_name(label: str) -> str:
    """The merge tag of a column: "Ville préférée" becomes ville_preferee."""
    words = re.findall(r"[a-z0-9]+", _strip_accents(label.lower()))
    name = "_".join(words)[:40]
    return f"field_{name}" if name[:1].isdigit() else name


def values_of(sample: FileSample, column: int) -> list[str]:
    """The filled cells of a column in the sampled rows."""
    return [
        row[column].strip()
        for row in sample.rows[int(sample.has_header) :]
        if column < len(row) and row[column].strip()
    ]


def _last_with_header(sample: FileSample, target: str) -> ContactImport | None:
    """The newest finished import with these column names."""
    key = header_key(sample)
    if not key:
        return None
    last = (
        ContactImport.objects.filter(header_key=key, target=target, state=ContactImport.State.DONE)
        .order_by("-id")
        .first()
    )
    return last if last and len(last.mapping) == max(len(row) for row in sample.rows) else None


def _guess_consent(sample: FileSample, column: int, name: str) -> str:
    """The meaning of a column about consent. A column that is known by its name as something else needs more than
    values: "Tags" may well say "subscribed"."""
    if "fanfare_id" in map(str.strip, sample.rows[0]):
        return consent_columns.OWN_EXPORT.get(name.strip(), "")
    known = MEANINGS_BY_HEADER[Target.CONTACTS].get(_fold(name), "")
    if known and consent_columns.heading_of(name) is None:
        return ""
    return consent_columns.guess_meaning(name, cells_of(sample, column))


def _not_asked_before(sample: FileSample, mapping: list[str], last: ContactImport) -> list[str]:
    """The mapping of the last file; but where that one was never asked about a column that says yes or no, the column
    is proposed as what it is."""
    for column, meaning in enumerate(mapping):
        asked = column < len(last.reading) and "consent" in last.reading[column]
        if not asked and (not meaning or ":" in meaning):
            guess = _guess_consent(sample, column, heading(sample, column))
            if guess in consent_columns.ANSWERS:
                mapping[column] = guess
    return _one_channel(mapping)


def _one_channel(mapping: list[str]) -> list[str]:
    """In a file without phone numbers, a status is that of the e-mail address."""
    if "email" in mapping and "phone" not in mapping:
        return ["email_consent" if meaning == "consent" else meaning for meaning in mapping]
    return mapping


def _guess(name: str, own_fields: set[str], target: str) -> str:
    slug = field_name(name)
    if slug in own_fields:
        return f"attributes:{slug}"
    return MEANINGS_BY_HEADER[Target(target)].get(_fold(name), "")


def _guess_identity(sample: FileSample, mapping: list[str], target: str) -> list[str]:
    """Where no column name says who a row is about: use a column in which most cells look like e-mail addresses or
    phone numbers."""
    if target == Target.COMPANIES or {"email", "phone", "external_id"} & set(mapping):
        return mapping
    for meaning, looks_like in (("email", kind_inference.looks_like_email), ("phone", kind_inference.looks_like_phone)):
        for column, known in enumerate(mapping):
            found = values_of(sample, column)
            if not known and found and sum(map(looks_like, found)) * 2 > len(found):
                mapping[column] = meaning
                return mapping
    return mapping


def _fold(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", _strip_accents(name.lower()))


def _strip_accents(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
