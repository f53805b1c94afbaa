"""Brevo, formerly Sendinblue. Its attributes are in capitals; French accounts of Sendinblue had NOM and PRENOM.

https://help.brevo.com/hc/en-us/articles/208729149 (exporting contacts), and the attributes of its API.
"""

from django.utils.translation import gettext_lazy as _

from contacts.imports.programs.program import FIELD, LEAVE_OUT, Program, Shape

# 1 and 2 are how Sendinblue stored the choices Yes and No. Who never saw a form of it has neither.
_CONFIRMED = {"1": "granted", "2": "pending", "no": "pending", "non": "pending", "": "granted"}

PROGRAM = Program(
    name="Brevo",
    shapes=(
        Shape(
            needs=(
                "EMAIL",
                "EMAIL_BLACKLISTED, SMS_BLACKLISTED, WHATSAPP_BLACKLISTED, DOUBLE_OPT-IN, LANDLINE_NUMBER, "
                "CONTACT_TIMEZONE, CONTACT ID, EXT_ID, listUnsubscribed",
            ),
            signs="CONTACT ID, EXT_ID, FIRSTNAME, LASTNAME, PRENOM, NOM, SMS, WHATSAPP, LANDLINE_NUMBER, INTERESTS, "
            "JOB_TITLE, LINKEDIN, CONTACT_TIMEZONE, DOUBLE_OPT-IN, OPT_IN, EMAIL_BLACKLISTED, SMS_BLACKLISTED, "
            "WHATSAPP_BLACKLISTED, ADDED_TIME, MODIFIED_TIME, createdAt, "
            "modifiedAt, listIds, listUnsubscribed, attributes.PRENOM, attributes.NOM, attributes.FIRSTNAME, "
            "attributes.LASTNAME, attributes.SMS",
            least=3,
        ),
    ),
    columns={
        "email": "EMAIL",
        "phone": "SMS, WHATSAPP, LANDLINE_NUMBER, attributes.SMS, attributes.WHATSAPP",
        "external_id": "EXT_ID, attributes.EXT_ID",
        "first_name": "FIRSTNAME, PRENOM, VORNAME, attributes.FIRSTNAME, attributes.PRENOM, attributes.VORNAME",
        "last_name": "LASTNAME, NOM, NACHNAME, attributes.LASTNAME, attributes.NOM, attributes.NACHNAME",
        "company": "COMPANY, SOCIETE, ENTREPRISE, attributes.COMPANY, attributes.SOCIETE",
        "language": "LANGUAGE, LANGUE",
        "email_consent": "EMAIL_BLACKLISTED, listUnsubscribed, DOUBLE_OPT-IN, OPT_IN, attributes.DOUBLE_OPT-IN, "
        "attributes.OPT_IN",
        "sms_consent": "SMS_BLACKLISTED",
        "whatsapp_consent": "WHATSAPP_BLACKLISTED",
        "created_at": "ADDED_TIME, createdAt",
        FIELD: "JOB_TITLE, INTERESTS, LINKEDIN, CONTACT_TIMEZONE",
        LEAVE_OUT: "CONTACT ID, ID, MODIFIED_TIME, modifiedAt, listIds",
    },
    labels={
        "LANDLINE_NUMBER": _("Landline"),
        "JOB_TITLE": _("Job title"),
        "INTERESTS": _("Interests"),
        "LINKEDIN": "LinkedIn",
        "WHATSAPP": "WhatsApp",
        "CONTACT_TIMEZONE": _("Time zone"),
    },
    states=dict.fromkeys(("DOUBLE_OPT-IN", "OPT_IN", "attributes.DOUBLE_OPT-IN", "attributes.OPT_IN"), _CONFIRMED),
)
