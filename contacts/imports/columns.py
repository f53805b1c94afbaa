"""What the columns of a file hold: remembered from the last file with the same names, else guessed."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata

from accounts.models import Workspace
from contacts.fields import values
from contacts.imports import format_inference, kind_inference
from contacts.imports.sniffing import Look
from contacts.models import ContactField, ContactImport
from kernel.tenancy import require_workspace_id

Target = ContactImport.Target

# How columns are called in the files people have: Excel, Outlook, Google, Mailchimp, Brevo, HubSpot, in English and
# French. Compared without case, accents and signs.
PEOPLE = {
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
FIRMS = {
    "company": PEOPLE["company"] + " name nom client nomclient",
    "company_status": "status statut etat companystatus",
    "company_kind": "kind type typeclient typedeclient category categorie lifecyclestage",
    "company_industry": "industry secteur secteurdactivite activite sector domaine",
    "company_size": "size taille effectif employees numberofemployees nombredemployes nombredesalaries",
    "company_website": "website site siteweb web url siteinternet websiteurl companydomainname domain",
    "email": PEOPLE["email"],
    "phone": PEOPLE["phone"],
    "contact_email": "keycontact keycontactemail contactprincipal emailducontact contactemail emailcontact mailcontact",
    "company_role": PEOPLE["company_role"] + " contactrole roleducontact",
}
REFUSALS = {"email": PEOPLE["email"], "phone": PEOPLE["phone"]}
GUESSES = {
    target: {word: meaning for meaning, words in reversed(guesses.items()) for word in words.split()}
    for target, guesses in ((Target.CONTACTS, PEOPLE), (Target.COMPANIES, FIRMS), (Target.SUPPRESSION, REFUSALS))
}


def header_key(look: Look) -> str:
    """The same for files with the same column names; empty where the file names none."""
    if not look.has_header:
        return ""
    return hashlib.sha256(json.dumps([name.strip().lower() for name in look.rows[0]]).encode()).hexdigest()


def guess_mapping(look: Look, target: str = Target.CONTACTS) -> list[str]:
    """For each column what it holds: "email", "first_name", "attributes:city", "" for left out."""
    width = max(len(row) for row in look.rows)
    if last := _last(look, target):
        own = {f"attributes:{name}" for name in ContactField.objects.present().values_list("name", flat=True)}
        return [meaning if meaning in own or not meaning.startswith("attributes:") else "" for meaning in last.mapping]
    names = look.rows[0] if look.has_header else []
    own = set(ContactField.objects.present().values_list("name", flat=True)) if target == Target.CONTACTS else set()
    mapping: list[str] = []
    for column in range(width):
        guess = _guess(names[column] if column < len(names) else "", own, target)
        mapping.append("" if guess in mapping else guess)
    return _look_for_identity(look, mapping, target)


def guess_reading(look: Look, target: str = Target.CONTACTS) -> list[format_inference.Reading]:
    """For each column how its dates and numbers are read: as its cells prove, as in the last file, or as is usual."""
    conventions = values.conventions(Workspace.objects.get(pk=require_workspace_id()))
    last = _last(look, target)
    remembered = last.reading if last else []
    return [
        format_inference.settle(column, conventions, remembered[n] if n < len(remembered) else None)
        for n, column in enumerate(look.signs)
    ]


def ways(contact_import: ContactImport) -> list[tuple[str, str]]:
    """(field, how it was read) of each column of dates or numbers that could be read in more than one way."""
    fields = {
        f"attributes:{field.name}": field for field in ContactField.objects.filter(kind__in=format_inference.WAYS)
    }
    found = []
    for meaning, reading in zip(contact_import.mapping, contact_import.reading, strict=False):
        if meaning in fields and (way := reading.get(fields[meaning].kind)) in format_inference.IN_GENERAL:
            found.append((fields[meaning].label, str(format_inference.IN_GENERAL[way])))
    return found


def field_name(label: str) -> str:
    """The merge tag of a column: "Ville préférée" becomes ville_preferee."""
    words = re.findall(r"[a-z0-9]+", _strip_accents(label.lower()))
    name = "_".join(words)[:40]
    return f"field_{name}" if name[:1].isdigit() else name


def values_of(look: Look, column: int) -> list[str]:
    """What the first rows hold in a column."""
    return [
        row[column].strip() for row in look.rows[int(look.has_header) :] if column < len(row) and row[column].strip()
    ]


def _last(look: Look, target: str) -> ContactImport | None:
    """The newest finished import with these column names."""
    key = header_key(look)
    if not key:
        return None
    last = (
        ContactImport.objects.filter(header_key=key, target=target, state=ContactImport.State.DONE)
        .order_by("-id")
        .first()
    )
    return last if last and len(last.mapping) == max(len(row) for row in look.rows) else None


def _guess(name: str, own_fields: set[str], target: str) -> str:
    slug = field_name(name)
    if slug in own_fields:
        return f"attributes:{slug}"
    return GUESSES[Target(target)].get(_fold(name), "")


def _look_for_identity(look: Look, mapping: list[str], target: str) -> list[str]:
    """A column without a telling name may hold what looks like addresses or phone numbers."""
    if target == Target.COMPANIES or {"email", "phone", "external_id"} & set(mapping):
        return mapping
    for meaning, looks_like in (("email", kind_inference.looks_like_email), ("phone", kind_inference.looks_like_phone)):
        for column, known in enumerate(mapping):
            found = values_of(look, column)
            if not known and found and sum(map(looks_like, found)) * 2 > len(found):
                mapping[column] = meaning
                return mapping
    return mapping


def _fold(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", _strip_accents(name.lower()))


def _strip_accents(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
