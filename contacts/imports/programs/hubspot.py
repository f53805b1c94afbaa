"""HubSpot's contacts, with the labels of its properties in English and French, the commonest ones in German, Spanish,
Italian, Portuguese and Dutch, or with their internal names.

https://knowledge.hubspot.com/properties/hubspots-default-contact-properties
"""

from django.utils.translation import gettext_lazy as _

from contacts.imports.programs.program import FIELD, LEAVE_OUT, Program, Shape

RECORD_ID = (
    "Record ID, Record ID - Contact, Contact ID, ID de l'enregistrement, ID de fiche d'informations, "
    "ID de fiche d'informations - Contact, ID d'enregistrement, ID du contact, Datensatz-ID, Datensatz-ID - Kontakt, "
    "ID de registro, ID de registro - Contacto, ID record, ID record - Contatto, ID do registro, Record-ID, "
    "hs_object_id"
)
EMAIL = (
    "Email, E-mail, Adresse e-mail, E-Mail, E-Mail-Adresse, Correo, Correo electrónico, E-mailadres, Indirizzo e-mail, "
    "Endereço de e-mail"
)
# "Opted out of all", and the marks of addresses that HubSpot no longer sends to.
UNSUBSCRIBED = (
    "Unsubscribed from all email, Désabonné de tous les e-mails, Von allen E-Mails abgemeldet, Opted out of email: *, "
    "Désabonné des e-mails : *, hs_email_optout, hs_email_optout_*"
)
MARKETING = (
    "Marketing contact status, Statut marketing du contact, Statut de contact marketing, Marketingkontaktstatus, "
    "Marketing-Kontaktstatus, Status als Marketingkontakt, Estado de contacto de marketing, "
    "Estado del contacto de marketing, Stato contatto marketing, Status de contato de marketing, hs_marketable_status"
)
HARD_BOUNCE = "Email hard bounce reason, Raison du hard bounce d'e-mail, hs_email_hard_bounce_reason_enum"
_BOUNCE_REASONS = {
    "unknown user": "bounced",
    "utilisateur inconnu": "bounced",
    # HubSpot's mail was refused as spam: that is no complaint of the person.
    "spam": "pending",
    "content": "pending",
    "policy": "pending",
    "mailbox full": "pending",
    "other": "pending",
}
_MARKETING = {
    "marketing contact": "granted",
    "non marketing contact": "pending",
    "contact marketing": "granted",
    "contact non marketing": "pending",
    "marketingkontakt": "granted",
    "nicht marketingkontakt": "pending",
    "contacto de marketing": "granted",
    "contacto no de marketing": "pending",
    "true": "granted",
    "false": "pending",
}

PROGRAM = Program(
    name="HubSpot",
    shapes=(
        Shape(
            needs=(EMAIL, RECORD_ID),
            signs="Lifecycle Stage, Lead Status, Contact owner, Create Date, Last Activity Date, Last Modified Date, "
            "Marketing contact status, Unsubscribed from all email, Associated Company, Associated Company IDs, "
            "Primary Associated Company ID, Original Source, Phase du cycle de vie, Statut du lead, "
            "Propriétaire du contact, Date de création, Date de la dernière activité, Statut marketing du contact, "
            "Statut de contact marketing, Désabonné de tous les e-mails, Entreprise associée, Source d'origine, "
            "Email hard bounce reason, Invalid email address, Email Address Quarantined, Lifecycle-Phase, Lead-Status, "
            "Kontaktinhaber, Zuständiger Mitarbeiter für Kontakt, Für Kontakt zuständiger Mitarbeiter, "
            "Erstellungsdatum, Erstelldatum, Datum der letzten Aktivität, Telefonnummer, Firmenname, "
            "Name des Unternehmens, Unternehmensname, Verknüpftes Unternehmen, Von allen E-Mails abgemeldet, "
            "Etapa del ciclo de vida, "
            "Estado del lead, Propietario del contacto, Fecha de creación, Empresa asociada, "
            "Fase del ciclo di vita, Proprietario del contatto, Data di creazione, Fase do ciclo de vida, "
            "Proprietário do contato, Data de criação, Levenscyclusfase, Contacteigenaar, "
            f"lifecyclestage, hs_lead_status, hubspot_owner_id, createdate, lastmodifieddate, "
            f"hs_emailconfirmationstatus, hs_analytics_source, {MARKETING}, {HARD_BOUNCE}, {UNSUBSCRIBED}",
            least=2,
        ),
        # Without its ids.
        Shape(
            needs=(EMAIL, "Marketing contact status", "Unsubscribed from all email"),
            signs="Marketing contact status, Unsubscribed from all email",
            least=2,
        ),
    ),
    columns={
        "email": f"{EMAIL}, Work email, work_email",
        "phone": "Mobile Phone Number, Numéro de téléphone mobile, Numéro de téléphone portable, Phone Number, "
        "Numéro de téléphone, WhatsApp Phone Number, Mobiltelefonnummer, Telefonnummer, Número de móvil, "
        "Número de teléfono, mobilephone, phone, hs_whatsapp_phone_number",
        "first_name": "First Name, Prénom, Vorname, Nombre, Nome, Voornaam, firstname",
        "last_name": "Last Name, Nom, Nom de famille, Nachname, Apellidos, Cognome, Sobrenome, Achternaam, lastname",
        "company": "Company Name, Nom de l'entreprise, Associated Company, Entreprise associée, "
        "Primary Associated Company, Firmenname, Name des Unternehmens, Unternehmensname, Verknüpftes Unternehmen, "
        "Nombre de la empresa, Empresa asociada, company",
        "language": "Preferred language, Langue préférée, Bevorzugte Sprache, Idioma preferido, hs_language",
        "email_consent": f"{UNSUBSCRIBED}, {MARKETING}, {HARD_BOUNCE}, Invalid email address, "
        "Email Address Quarantined, hs_email_bad_address, hs_email_quarantined",
        "created_at": "Create Date, Date de création, Erstellungsdatum, Erstelldatum, Fecha de creación, "
        "Data di creazione, Data de criação, createdate",
        FIELD: f"{RECORD_ID}, Lifecycle Stage, Phase du cycle de vie, Contact owner, Propriétaire du contact, "
        "Original Source, Source d'origine, Lifecycle-Phase, Kontaktinhaber, Zuständiger Mitarbeiter für Kontakt, "
        "Etapa del ciclo de vida, Propietario del contacto, lifecyclestage, hubspot_owner_id, hs_analytics_source",
        LEAVE_OUT: "Associated * IDs, Primary Associated Company ID, Last Activity Date, Date de la dernière activité, "
        "Last Modified Date, Date de la dernière modification, Associated Deal, Associated Ticket, Associated Note, "
        "Datum der letzten Aktivität, lastmodifieddate, hs_lastmodifieddate, hs_emailconfirmationstatus",
    },
    labels={
        **dict.fromkeys(RECORD_ID.split(", "), _("HubSpot ID")),
        "Phone Number": _("Other phone number"),
        "Numéro de téléphone": _("Other phone number"),
        "Work email": _("Second e-mail address"),
    },
    states={
        **dict.fromkeys(MARKETING.split(", "), _MARKETING),
        **dict.fromkeys(HARD_BOUNCE.split(", "), _BOUNCE_REASONS),
    },
)
