"""Mautic: contacts with the names of its fields, which are English in every language.

https://docs.mautic.org/en/5.x/contacts/manage_contacts.html; its export has no mark of who must not be contacted
(github.com/mautic/mautic/issues/11679), reports have.
"""

from django.utils.translation import gettext_lazy as _

from contacts.imports.programs.program import FIELD, LEAVE_OUT, Program, Shape

# Of the table lead_donotcontact: 1 unsubscribed, 2 bounced, 3 by hand.
_DO_NOT_CONTACT = {"0": "granted", "1": "withdrawn", "2": "bounced", "3": "withdrawn", "manual": "withdrawn"}

PROGRAM = Program(
    name="Mautic",
    shapes=(
        Shape(
            needs=("email", "preferred_locale, attribution, attribution_date, points, date_identified, last_active"),
            signs="title, firstname, lastname, position, mobile, points, fax, address1, address2, zipcode, "
            "preferred_locale, timezone, last_active, attribution_date, attribution, foursquare, googleplus, "
            "date_identified, preferred_profile_image, doNotContact, dnc, stage, owner",
            least=4,
        ),
    ),
    columns={
        "email": "email",
        "phone": "mobile, phone",
        "first_name": "firstname",
        "last_name": "lastname",
        "company": "company, companyname",
        "language": "preferred_locale",
        "tags": "tags",
        "lists": "segments",
        "email_consent": "doNotContact, dnc, do_not_contact, dnc_reason",
        "created_at": "date_added, dateAdded, date_identified, dateIdentified",
        FIELD: "title, position, points, address1, address2, city, state, zipcode, country, website, stage, owner",
        LEAVE_OUT: "id, preferred_profile_image, preferredProfileImage, fax, last_active, lastActive, attribution, "
        "attribution_date, date_modified, dateModified, date_identified, dateIdentified, timezone, foursquare, "
        "googleplus, skype",
    },
    labels={
        "title": _("Form of address"),
        "position": _("Job title"),
        "points": _("Mautic points"),
        "phone": _("Other phone number"),
        "mobile": _("Other phone number"),
        "address1": _("Address"),
        "address2": _("Address, second line"),
        "city": _("City"),
        "state": _("Region"),
        "zipcode": _("Postcode"),
        "country": _("Country"),
        "website": _("Website"),
        "stage": _("Mautic stage"),
        "owner": _("Mautic owner"),
    },
    states=dict.fromkeys(("doNotContact", "dnc", "do_not_contact", "dnc_reason"), _DO_NOT_CONTACT),
    advice=_(
        "Mautic's export doesn't say who must not be contacted. Export that as a report, and import it as a "
        "suppression list first."
    ),
)
