"""Files of orders, and what came of them."""

from __future__ import annotations

from contacts.models import Contact, ContactEvent, ContactImport
from kernel.tenancy import scope
from tests.contacts.imports.running import import_file

MAPPING = ["email", "event_time", "event_value", "event_number"]


EVENT = {"name": "Order", "currency": "EUR"}


def events(workspace) -> list[tuple]:
    with scope(workspace):
        emails = dict(Contact.objects.values_list("pk", "email"))
        return [
            (emails[event.contact_id], event.name.name, event.value, event.currency)
            for event in ContactEvent.objects.select_related("name").order_by("at", "id")
        ]


def order_file(*rows: str, head: str = "mail;when;amount;order") -> str:
    return "\n".join([head, *rows]) + "\n"


def import_orders(workspace, *rows: str, **more) -> ContactImport:
    return import_file(workspace, order_file(*rows), MAPPING, **{"target": "events", "event": EVENT} | more)


PRESTASHOP = (
    '"ID";"Référence";"Nouveau client";"Livraison";"Client";"Total";"Paiement";"État";"Date"\n'
    '"12";"XKBKNABJK";"1";"France";"Z. Martin";"49,90 €";"Carte";"Livré";"2021-03-01 10:00:00"\n'
)


SHOPIFY = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,Total,Created at,"
    "Lineitem quantity,Lineitem name,Lineitem price,Id,Billing Name\n"
    "#1001,ana@example.com,paid,2021-03-02 10:00:00 +0100,fulfilled,EUR,40,5,0,45,2021-03-01 10:00:00 +0100,1,Cup,10,"
    "55,Ana\n"
    "#1001,ana@example.com,,,,,,,,,2021-03-01 10:00:00 +0100,3,Pot,10,,\n"
    "#1002,ben@example.com,pending,,,EUR,40,5,0,45,2021-03-03 10:00:00 +0100,1,Cup,10,56,Ben\n"
)
