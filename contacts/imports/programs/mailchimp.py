"""Mailchimp: the files of an audience: who is subscribed, unsubscribed or cleaned, and who never subscribed.

https://mailchimp.com/help/view-export-contacts/ and https://mailchimp.com/help/about-your-export-files/
"""

from django.utils.translation import gettext_lazy as _

from contacts.imports.programs.program import FIELD, LEAVE_OUT, Program, Shape

EMAIL = (
    "Email Address, Adresse e-mail, Adresse email, Adresse électronique, E-Mail-Adresse, E-mail, Email, "
    "Dirección de correo electrónico, Indirizzo e-mail, Endereço de e-mail, E-mailadres"
)

PROGRAM = Program(
    name="Mailchimp",
    shapes=(
        Shape(
            needs=(EMAIL, "MEMBER_RATING, OPTIN_TIME, CONFIRM_TIME, LEID, EUID, UNSUB_TIME, CLEAN_TIME"),
            signs="MEMBER_RATING, OPTIN_TIME, OPTIN_IP, CONFIRM_TIME, CONFIRM_IP, LATITUDE, LONGITUDE, GMTOFF, DSTOFF, "
            "TIMEZONE, CC, REGION, LAST_CHANGED, LEID, EUID, UNSUB_TIME, UNSUB_REASON, UNSUB_CAMPAIGN_TITLE, "
            "UNSUB_CAMPAIGN_ID, CLEAN_TIME, CLEAN_CAMPAIGN_TITLE, CLEAN_CAMPAIGN_ID, TAGS, NOTES",
            least=4,
        ),
    ),
    columns={
        "email": EMAIL,
        "phone": "SMS Phone Number, Phone Number, Numéro de téléphone, Téléphone, Phone, PHONE",
        "first_name": "First Name, Prénom, FNAME",
        "last_name": "Last Name, Nom, Nom de famille, LNAME",
        "company": "Company, Société, Entreprise",
        "language": "Language, Langue",
        "tags": "TAGS",
        "email_consent": "UNSUB_TIME, UNSUB_REASON, UNSUB_REASON_OTHER, CLEAN_TIME",
        # People who were imported have no OPTIN_TIME; their CONFIRM_TIME is the day of that import and proves nothing.
        "consent_at": "OPTIN_TIME",
        "consent_ip": "OPTIN_IP",
        FIELD: "MEMBER_RATING, CONFIRM_TIME, CC, REGION, TIMEZONE, NOTES",
        LEAVE_OUT: "LEID, EUID, LATITUDE, LONGITUDE, GMTOFF, DSTOFF, LAST_CHANGED, CONFIRM_IP, UNSUB_CAMPAIGN_TITLE, "
        "UNSUB_CAMPAIGN_ID, CLEAN_CAMPAIGN_TITLE, CLEAN_CAMPAIGN_ID",
    },
    labels={
        "MEMBER_RATING": _("Mailchimp rating"),
        "CONFIRM_TIME": _("Confirmed in Mailchimp"),
        "CC": _("Country"),
        "REGION": _("Region"),
        "TIMEZONE": _("Time zone"),
        "NOTES": _("Notes"),
    },
    advice=_(
        "Mailchimp puts subscribed, unsubscribed and cleaned people into separate files. Import all of them, so that "
        "nobody who unsubscribed is written to."
    ),
)
