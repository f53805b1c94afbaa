"""MailerLite: its subscribers, with those of its statistics that were chosen.

https://www.mailerlite.com/help/how-to-export-subscribers
"""

from django.utils.translation import gettext_lazy as _

from contacts.imports.programs.program import FIELD, LEAVE_OUT, Program, Shape

PROGRAM = Program(
    name="MailerLite",
    shapes=(
        Shape(
            needs=("Subscriber",),
            signs="Sent, Opened, Opens, Clicked, Clicks, Open rate, Click rate, Subscribed, Unsubscribed, Location, "
            "Groups, Last name, Status, Opt-in IP, Signup IP, Z.I.P.",
            least=3,
        ),
    ),
    columns={
        "email": "Subscriber, Email",
        "phone": "Phone",
        "first_name": "Name, First name",
        "last_name": "Last name",
        "company": "Company",
        "language": "Language",
        "lists": "Groups",
        "email_consent": "Unsubscribed, Subscribed, Status",
        "consent_ip": "Opt-in IP, Signup IP",
        "consent_at": "Opt-in time, Confirmation time, Confirmed at",
        FIELD: "Location, City, Country, State, Z.I.P.",
        LEAVE_OUT: "Sent, Opened, Opens, Clicked, Clicks, Open rate, Click rate, Confirmation IP",
    },
    labels={"Location": _("Location"), "State": _("Region"), "Z.I.P.": _("Postcode")},
    states={
        "Status": {
            "active": "granted",
            "unconfirmed": "pending",
            "unsubscribed": "withdrawn",
            "bounced": "bounced",
            "junk": "complained",
        }
    },
)
