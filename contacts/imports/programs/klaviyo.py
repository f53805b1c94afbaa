"""Klaviyo: the profiles of a list or a segment. https://help.klaviyo.com/hc/en-us/articles/115005078687"""

from django.utils.translation import gettext_lazy as _

from contacts.imports.programs.program import FIELD, LEAVE_OUT, Program, Shape

_SUPPRESSIONS = {
    "user suppressed": "withdrawn",
    "unsubscribed": "withdrawn",
    "hard bounce": "bounced",
    "invalid email": "bounced",
    "spam complaint": "complained",
}

PROGRAM = Program(
    name="Klaviyo",
    shapes=(
        Shape(
            needs=("Email", "Klaviyo ID, Profile ID, Email Marketing Consent"),
            signs="Klaviyo ID, Profile ID, Phone Number, Organization, State / Region, Zip Code, Latitude, Longitude, "
            "Source, IP Address, Email Marketing Consent, Email Marketing Consent Timestamp, SMS Marketing Consent, "
            "SMS Consent Timestamp, Historic Customer Lifetime Value, Total Customer Lifetime Value, "
            "Predicted Customer Lifetime Value, Average Order Value, Historic Number Of Orders, First Active, "
            "Last Active, Profile Created On, Date Added, Last Open, Last Click, Email Suppressions",
            least=4,
        ),
    ),
    columns={
        "email": "Email",
        "phone": "Phone Number",
        "external_id": "External ID",
        "first_name": "First Name",
        "last_name": "Last Name",
        "company": "Organization",
        "language": "Locale, Language",
        "email_consent": "Email Marketing Consent, Email Suppressions",
        "sms_consent": "SMS Marketing Consent, SMS Suppressions",
        "whatsapp_consent": "WhatsApp Marketing Consent",
        "consent_at": "Email Marketing Consent Timestamp, Email Consent Timestamp",
        "created_at": "Profile Created On",
        FIELD: "Title, Address, Address 2, City, State / Region, Country, Zip Code, Historic Number Of Orders, "
        "Historic Customer Lifetime Value, Birthday",
        LEAVE_OUT: "Klaviyo ID, Profile ID, Latitude, Longitude, Source, IP Address, SMS Consent Timestamp, "
        "SMS Marketing Consent Timestamp, First Active, Last Active, Date Added, Last Open, Last Click, "
        "Total Customer Lifetime Value, Predicted Customer Lifetime Value, Average Order Value, "
        "Average Days Between Orders, Churn Risk Prediction, Expected Date Of Next Order, Predicted Gender, "
        "Predicted Number Of Orders, Timezone, Image",
    },
    labels={
        "Title": _("Job title"),
        "Address 2": _("Address, second line"),
        "State / Region": _("Region"),
        "Zip Code": _("Postcode"),
        "Historic Number Of Orders": _("Number of orders"),
        "Historic Customer Lifetime Value": _("Total spent"),
    },
    states=dict.fromkeys(("Email Suppressions", "SMS Suppressions"), _SUPPRESSIONS),
)
