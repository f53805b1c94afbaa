"""The names of columns in common files, by what the columns mean and by language. Data for `columns`.

Compared without case, accents, spaces and punctuation: "E-Mail-Adresse" and "emailadresse" are one.
"""

from __future__ import annotations

import re

from kernel import words

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[^\W_]+")
_LETTERS = re.compile(r"[^\W\d_]+")
EMAIL = {
    "en": "email, e-mail address, mail, e-mail 1 - value, primary email, email 1, contact email, subscriber email, "
    "user email, customer email, work email, personal email, email address 1, recipient",
    "fr": "courriel, adresse mail, adresse e-mail, adresse électronique, adresse de messagerie, e-mail personnel, "
    "adresse courriel, mél, adresse électronique de la personne, e-mail client, mail client",
    "de": "e-mail-adresse, emailadresse, mailadresse, e-mail privat, e-mail geschäftlich, e-post",
    "es": "correo, correo electrónico, dirección de correo, dirección de correo electrónico, e-mail cliente",
    "it": "posta elettronica, indirizzo e-mail, indirizzo di posta elettronica, indirizzo mail",
    "pt": "endereço de e-mail, correio eletrónico, correio eletrônico, endereço eletrônico",
    "nl": "e-mailadres, mailadres, emailadres",
}
PHONE = {
    "en": "phone, phone number, mobile, mobile phone, mobile number, mobile phone number, cell, cell phone, tel, "
    "telephone, phone 1 - value, primary phone, telephone 1, sms, gsm, whatsapp, billing phone, default address phone",
    "fr": "téléphone, tél, tél mobile, tél portable, portable, téléphone mobile, téléphone portable, mobile, "
    "numéro de téléphone, numéro de portable, numéro de mobile, n° de téléphone, n° tél, n° portable, numero, tél 1",
    "de": "telefon, telefonnummer, handy, handynummer, mobil, mobiltelefon, mobilnummer, tel-nr, telefon privat, "
    "mobilfunknummer, rufnummer",
    "es": "teléfono, teléfono móvil, móvil, celular, número de teléfono, número de móvil, tfno, telf",
    "it": "telefono, cellulare, numero di telefono, telefono cellulare, numero di cellulare, tel cellulare",
    "pt": "telefone, telemóvel, celular, número de telefone, número de telemóvel, telefone celular",
    "nl": "telefoon, telefoonnummer, mobiel, mobiel nummer, mobiele telefoon, gsm-nummer, mobielnummer",
}
EXTERNAL_ID = {
    "en": "id, external id, ext id, customer id, client id, user id, contact id, record id, customer number, crm id, "
    "euid, leid, customer no, record id - contact, subscriber id, user_login id",
    "fr": "id client, numéro client, n° client, num client, code client, réf client, référence client, id externe, "
    "numéro de client, n° de client, identifiant client",
    "de": "kundennummer, kunden-nr, kundennr, kunden-id, kd-nr",
    "es": "número de cliente, id de cliente, código de cliente, nº cliente, id cliente",
    "it": "codice cliente, numero cliente, id cliente",
    "pt": "número de cliente, código do cliente, id do cliente, código cliente",
    "nl": "klantnummer, klant-id, klantnr, klantcode",
}
FIRST_NAME = {
    "en": "first name, given name, forename, first, fname, billing first name, firstname",
    "fr": "prénom, prénoms",
    "de": "vorname, rufname",
    "es": "nombre de pila, primer nombre",
    "it": "nome di battesimo",
    "pt": "primeiro nome, nome próprio",
    "nl": "voornaam",
}
LAST_NAME = {
    "en": "last name, surname, family name, last, lname, billing last name",
    "fr": "nom, nom de famille, nom famille",
    "de": "nachname, familienname, zuname",
    "es": "apellido, apellidos",
    "it": "cognome",
    "pt": "sobrenome, apelido, último nome",
    "nl": "achternaam, familienaam",
}
FULL_NAME = {
    "en": "name, full name, display name, contact, contact name, customer name, subscriber name",
    "fr": "nom complet, nom et prénom, nom prénom, prénom nom, prénom et nom, nom du contact",
    "de": "vollständiger name, vor- und nachname, kundenname, ansprechpartner",
    "es": "nombre completo, nombre y apellidos, nombre y apellido",
    "it": "nome completo, nome e cognome, cognome e nome, nominativo",
    "pt": "nome completo",
    "nl": "naam, volledige naam",
}
LANGUAGE = {
    "en": "language, lang, preferred language, locale, contact language",
    "fr": "langue, langue préférée",
    "de": "sprache, bevorzugte sprache",
    "es": "idioma",
    "it": "lingua",
    "pt": "idioma, língua",
    "nl": "taal, voorkeurstaal",
}
TAGS = {
    "en": "tags, tag, labels, groups, group membership, categories, category",
    "fr": "étiquettes, étiquette, groupes, catégories, catégorie, mots-clés",
    "de": "schlagwörter, schlagworte, gruppen, kategorien",
    "es": "etiquetas, grupos, categorías",
    "it": "etichette, tag, gruppi, categorie",
    "pt": "etiquetas, grupos, categorias, marcadores",
    "nl": "labels, groepen, categorieën",
}
LISTS = {
    "en": "lists, list, audiences, audience, mailing lists, segments",
    "fr": "listes, liste, liste de diffusion, listes de diffusion",
    "de": "listen, verteiler, verteilerliste",
    "es": "listas, lista",
    "it": "liste, lista, elenchi",
    "pt": "listas, lista",
    "nl": "lijsten, lijst",
}
COMPANY = {
    "en": "company, company name, organization, organisation, organization name, organization 1 - name, "
    "associated company, employer, account, billing company, default address company, business name",
    "fr": "société, entreprise, raison sociale, nom de la société, nom de l'entreprise, nom société, nom entreprise, "
    "organisme",
    "de": "firma, unternehmen, firmenname, organisation",
    "es": "empresa, compañía, organización, razón social, nombre de la empresa",
    "it": "azienda, società, ragione sociale, nome azienda, ditta",
    "pt": "empresa, organização, razão social, nome da empresa",
    "nl": "bedrijf, bedrijfsnaam, organisatie",
}
COMPANIES = {
    "en": "companies, organizations",
    "fr": "sociétés, entreprises, organisations",
    "de": "firmen",
    "es": "empresas",
    "it": "aziende",
    "pt": "organizações",
    "nl": "bedrijven",
}
COMPANY_ROLE = {
    "en": "company role, role, contact role, role in the company",
    "fr": "rôle, rôle entreprise, rôle contact, rôle dans l'entreprise, rôle du contact",
    "de": "rolle",
    "es": "rol",
    "it": "ruolo",
    "pt": "função",
    "nl": "rol",
}

CONTACTS = {
    "email": EMAIL,
    "phone": PHONE,
    "external_id": EXTERNAL_ID,
    "first_name": FIRST_NAME,
    "last_name": LAST_NAME,
    "full_name": FULL_NAME,
    "language": LANGUAGE,
    "tags": TAGS,
    "lists": LISTS,
    "company": COMPANY,
    "companies": COMPANIES,
    "company_role": COMPANY_ROLE,
}
COMPANIES_FILE = {
    "company": {**COMPANY, "any": "name, nom, client, nom client, kunde, cliente, nome, klant, nombre"},
    "company_status": {
        "en": "status, company status",
        "fr": "statut, état",
        "de": "zustand",
        "es": "estado",
        "it": "stato",
        "pt": "situação",
    },
    "company_kind": {
        "en": "kind, type, category, lifecycle stage",
        "fr": "type client, type de client, catégorie",
        "de": "typ, art, kategorie",
        "es": "tipo, categoría",
        "it": "categoria",
        "nl": "soort",
    },
    "company_industry": {
        "en": "industry, sector",
        "fr": "secteur, secteur d'activité, activité, domaine",
        "de": "branche",
        "es": "industria, sector de actividad",
        "it": "settore",
        "pt": "setor, indústria",
        "nl": "branche, bedrijfstak",
    },
    "company_size": {
        "en": "size, employees, number of employees",
        "fr": "taille, effectif, nombre d'employés, nombre de salariés",
        "de": "größe, mitarbeiter, mitarbeiterzahl, anzahl mitarbeiter",
        "es": "tamaño, empleados, número de empleados",
        "it": "dimensione, dipendenti, numero di dipendenti",
        "pt": "tamanho, funcionários, número de funcionários",
        "nl": "grootte, medewerkers, aantal medewerkers",
    },
    "company_website": {
        "en": "website, site, web, url, website url, company domain name, domain",
        "fr": "site web, site internet",
        "de": "webseite, internetseite",
        "es": "sitio web, página web",
        "it": "sito, sito web",
        "pt": "página",
    },
    "email": EMAIL,
    "phone": PHONE,
    "contact_email": {
        "en": "key contact, key contact email, contact email",
        "fr": "contact principal, e-mail du contact, e-mail contact, mail contact",
        "de": "ansprechpartner e-mail",
        "es": "correo de contacto",
        "it": "e-mail di contatto",
        "nl": "e-mail contactpersoon",
    },
    "company_role": COMPANY_ROLE,
}
SUPPRESSION = {"email": EMAIL, "phone": PHONE}
#: Headings that stand for the first name beside a heading for the last name, else for the full name, as `it` “Nome”.
FIRST_OR_FULL_NAME = ("nome", "nombre", "voornamen")


def fold(name: str) -> str:
    """A heading without case, accents, spaces and punctuation."""
    return re.sub(r"[^a-z0-9]", "", words.fold(name))


def words_of(name: str) -> list[str]:
    """The words of a heading, or of a file's name, as they are compared: programs join them in many ways, as in
    "doNotContact", "first_name" and "E-Mail". Digits stay where they are."""
    return _WORD.findall(fold_words(name))


def fold_words(name: str) -> str:
    """The name with its signs, its words apart and folded."""
    return words.fold(_CAMEL.sub(" ", name))


def letters_of(name: str) -> list[str]:
    """Its words without digits: "address" for "Address2"."""
    return _LETTERS.findall(" ".join(words_of(name)))


def by_heading(meanings: dict[str, dict[str, str]]) -> dict[str, str]:
    """The meaning of each folded heading; of two, the first in the table wins."""
    return {
        fold(heading): meaning
        for meaning, languages in reversed(meanings.items())
        for names in languages.values()
        for heading in names.split(",")
    }
