"""Shopify's customers. The headings are English in every shop.

https://help.shopify.com/en/manual/customers/import-export-customers
"""

from django.utils.translation import gettext_lazy as _

from contacts.imports.programs.program import FIELD, LEAVE_OUT, Program, Shape

PROGRAM = Program(
    name="Shopify",
    shapes=(
        Shape(
            needs=("Email", "Accepts Email Marketing, Accepts Marketing"),
            signs="Customer ID, Accepts Email Marketing, Accepts SMS Marketing, Total Spent, Total Orders, Tax Exempt, "
            "Default Address Company, Default Address Address1, Default Address City, Default Address Province Code, "
            "Default Address Country Code, Default Address Zip, Default Address Phone, Address1, Province Code, "
            "Country Code",
            least=3,
        ),
    ),
    columns={
        "email": "Email",
        "phone": "Phone, Default Address Phone",
        "external_id": "Customer ID",
        "first_name": "First Name",
        "last_name": "Last Name",
        "company": "Default Address Company, Company",
        "tags": "Tags",
        "language": "Language, Locale",
        "email_consent": "Accepts Email Marketing, Accepts Marketing",
        "sms_consent": "Accepts SMS Marketing",
        FIELD: "Total Spent, Total Orders, Note, Default Address *, Address1, Address2, City, Province, Province Code, "
        "Country, Country Code, Zip",
        LEAVE_OUT: "Tax Exempt",
    },
    labels={
        "Default Address Address1": _("Address"),
        "Default Address Address2": _("Address, second line"),
        "Default Address City": _("City"),
        "Default Address Province Code": _("Region"),
        "Default Address Country Code": _("Country"),
        "Default Address Zip": _("Postcode"),
        "Default Address Phone": _("Phone of the address"),
        "Default Address Company": _("Company of the address"),
        "Total Spent": _("Total spent"),
        "Total Orders": _("Number of orders"),
        "Note": _("Notes"),
    },
)
