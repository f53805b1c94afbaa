"""HubSpot's contacts, with the labels of its properties in English or French.

https://knowledge.hubspot.com/properties/hubspots-default-contact-properties
"""

from django.utils.translation import gettext_lazy as _

from contacts.imports.programs.program import FIELD, LEAVE_OUT, Program, Shape

RECORD_ID = (
    "Record ID, Record ID - Contact, Contact ID, ID de l'enregistrement, ID de fiche d'informations, "
    "ID de fiche d'informations - Contact, ID d'enregistrement, ID du contact"
)
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
}

PROGRAM = Program(
    name="HubSpot",
    shapes=(
        Shape(
            needs=("Email, E-mail, Adresse e-mail", RECORD_ID),
            signs="Lifecycle Stage, Lead Status, Contact owner, Create Date, Last Activity Date, Last Modified Date, "
            "Marketing contact status, Unsubscribed from all email, Associated Company, Associated Company IDs, "
            "Primary Associated Company ID, Original Source, Phase du cycle de vie, Statut du lead, "
            "Propriétaire du contact, Date de création, Date de la dernière activité, Statut marketing du contact, "
            "Statut de contact marketing, Désabonné de tous les e-mails, Entreprise associée, Source d'origine",
            least=2,
        ),
    ),
    columns={
        "email": "Email, E-mail, Adresse e-mail, Work email",
        "phone": "Mobile Phone Number, Numéro de téléphone mobile, Numéro de téléphone portable, Phone Number, "
        "Numéro de téléphone, WhatsApp Phone Number",
        "first_name": "First Name, Prénom",
        "last_name": "Last Name, Nom, Nom de famille",
        "company": "Company Name, Nom de l'entreprise, Associated Company, Entreprise associée, "
        "Primary Associated Company",
        "language": "Preferred language, Langue préférée",
        "email_consent": "Unsubscribed from all email, Désabonné de tous les e-mails, Opted out of email: *, "
        "Désabonné des e-mails : *, Marketing contact status, Statut marketing du contact, "
        "Statut de contact marketing, Email hard bounce reason, Raison du hard bounce d'e-mail",
        "created_at": "Create Date, Date de création",
        FIELD: f"{RECORD_ID}, Lifecycle Stage, Phase du cycle de vie, Contact owner, Propriétaire du contact, "
        "Original Source, Source d'origine",
        LEAVE_OUT: "Associated * IDs, Primary Associated Company ID, Last Activity Date, Date de la dernière activité, "
        "Last Modified Date, Date de la dernière modification, Associated Deal, Associated Ticket, Associated Note",
    },
    labels={
        **dict.fromkeys(RECORD_ID.split(", "), _("HubSpot ID")),
        "Phone Number": _("Other phone number"),
        "Numéro de téléphone": _("Other phone number"),
        "Work email": _("Second e-mail address"),
    },
    states={
        "Marketing contact status": _MARKETING,
        "Statut marketing du contact": _MARKETING,
        "Statut de contact marketing": _MARKETING,
        "Email hard bounce reason": _BOUNCE_REASONS,
        "Raison du hard bounce d'e-mail": _BOUNCE_REASONS,
    },
)
