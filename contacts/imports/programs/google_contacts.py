"""Google Contacts: “Google CSV” as it is since 2024, and as it was before. The headings are English in every language.

https://support.google.com/contacts/answer/7199294
"""

from django.utils.translation import gettext_lazy as _

from contacts.imports.programs.program import FIELD, LEAVE_OUT, Program, Shape

PROGRAM = Program(
    name="Google Contacts",
    shapes=(
        Shape(
            needs=(
                "E-mail 1 - Value",
                "E-mail 1 - Label, E-mail 1 - Type, Labels, Group Membership, Given Name, Phonetic First Name",
            ),
            signs="E-mail 1 - Value, E-mail 1 - Label, E-mail 1 - Type, Phone 1 - Value, Phone 1 - Label, "
            "Phone 1 - Type, Labels, Group Membership, Phonetic First Name, Name Prefix, Name Suffix, File As, "
            "Organization Name, Organization 1 - Name, Given Name, Family Name, Additional Name, Yomi Name, Photo",
            least=3,
        ),
    ),
    columns={
        "email": "E-mail 1 - Value, E-mail 2 - Value",
        "phone": "Phone 1 - Value, Phone 2 - Value",
        "first_name": "First Name, Given Name",
        "last_name": "Last Name, Family Name",
        "full_name": "Name",
        "company": "Organization Name, Organization 1 - Name",
        "tags": "Labels, Group Membership",
        "language": "Language",
        FIELD: "Middle Name, Additional Name, Nickname, Birthday, Notes, Organization Title, Organization 1 - Title, "
        "Organization Department, Organization 1 - Department, E-mail * - Value, Phone * - Value, Address * - City, "
        "Address * - Postal Code, Address * - Country, Address * - Region, Address * - Street, Website 1 - Value",
        LEAVE_OUT: "* - Label, * - Type, Photo, File As, Phonetic *, Yomi *, Given Name Yomi, Additional Name Yomi, "
        "Family Name Yomi, Organization * - Yomi Name, Initials, Short Name, Maiden Name, Name, Name Prefix, "
        "Name Suffix, Gender, Location, Billing Information, Directory Server, Mileage, Occupation, Hobby, "
        "Sensitivity, Priority, Subject, Address * - Formatted, Address * - PO Box, Address * - Extended Address, "
        "Organization * - Symbol, Organization * - Location, Organization * - Job Description",
    },
    labels={
        "Middle Name": _("Middle name"),
        "Additional Name": _("Middle name"),
        "Organization Title": _("Job title"),
        "Organization 1 - Title": _("Job title"),
        "Organization Department": _("Department"),
        "Organization 1 - Department": _("Department"),
        "E-mail 2 - Value": _("Second e-mail address"),
        "Phone 2 - Value": _("Second phone number"),
        "Address 1 - City": _("City"),
        "Address 1 - Postal Code": _("Postcode"),
        "Address 1 - Country": _("Country"),
        "Address 1 - Region": _("Region"),
        "Address 1 - Street": _("Address"),
        "Website 1 - Value": _("Website"),
    },
    advice=_(
        "An address book doesn't say who agreed to receive marketing. Import only the people of whom you know it, or "
        "choose no channel below."
    ),
)
