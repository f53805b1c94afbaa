"""WooCommerce: the customers of its analytics, in English or French, and the tables of user exports with the billing
address.

https://woocommerce.com/document/woocommerce-analytics/customers-report/ and
https://woocommerce.com/document/import-and-export-of-woocommerce-users/
"""

from django.utils.translation import gettext_lazy as _

from contacts.imports.programs import wordpress
from contacts.imports.programs.program import FIELD, LEAVE_OUT, Program, Shape

PROGRAM = Program(
    name="WooCommerce",
    shapes=(
        Shape(
            needs=(
                "Email, E-mail, E-mail address, Adresse e-mail",
                "AOV, Panier moyen, Valeur moyenne des commandes, VMC",
            ),
            signs="Username, Last Active, Sign Up, Date Registered, Orders, Total Spend, AOV, Country / Region, "
            "Region, Postal Code, Identifiant, Dernière activité, Inscription, Date d'inscription, Commandes, "
            "Total dépensé, Dépenses totales, Panier moyen, Valeur moyenne des commandes, VMC, Pays / Région, "
            "Code postal",
            least=4,
        ),
        Shape(
            needs=(
                "user_email, customer_email, billing_email",
                "billing_first_name, billing_last_name, billing_company, billing_phone, billing_address_1",
            ),
            signs="billing_first_name, billing_last_name, billing_company, billing_address_1, billing_address_2, "
            "billing_city, billing_postcode, billing_country, billing_state, billing_phone, billing_email, "
            f"shipping_first_name, shipping_city, customer_id, paying_customer, {wordpress.SIGNS}",
            least=4,
        ),
    ),
    columns={
        "email": "user_email, customer_email, billing_email, Email, E-mail, E-mail address, Adresse e-mail",
        "phone": "billing_phone, Phone, Téléphone, shipping_phone",
        "external_id": "customer_id",
        # Guests and customers have the names of the billing address, often no others.
        "first_name": "billing_first_name, first_name",
        "last_name": "billing_last_name, last_name",
        "full_name": "Name, Nom, Nom complet",
        "company": "billing_company, shipping_company",
        "language": "locale",
        "created_at": "user_registered, date_registered, Sign Up, Inscription, Date d'inscription",
        FIELD: "Last Active, Dernière activité, Orders, Commandes, Total Spend, Total dépensé, Dépenses totales, AOV, "
        "Panier moyen, Valeur moyenne des commandes, VMC, Country / Region, Pays / Région, City, Ville, Region, "
        "Région, Postal Code, Code postal, billing_address_1, billing_address_2, billing_city, billing_postcode, "
        "billing_country, billing_state, orders_count, total_spent, role, roles, description",
        LEAVE_OUT: f"Username, Identifiant, billing_email, shipping_*, paying_customer, first_name, "
        f"last_name, {wordpress.OF_NO_USE}, ID",
    },
    labels={
        "billing_address_1": _("Address"),
        "billing_address_2": _("Address, second line"),
        "billing_city": _("City"),
        "billing_postcode": _("Postcode"),
        "billing_country": _("Country"),
        "billing_state": _("Region"),
        "AOV": _("Average order"),
        "Orders": _("Number of orders"),
        "Commandes": _("Number of orders"),
        "orders_count": _("Number of orders"),
        "total_spent": _("Total spent"),
        "Total Spend": _("Total spent"),
        "Country / Region": _("Country"),
        "Pays / Région": _("Country"),
        **wordpress.LABELS,
    },
)
