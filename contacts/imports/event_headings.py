"""The names of columns in files of events, mostly orders, by what the columns mean and by language. As `headings`."""

from __future__ import annotations

from contacts.imports import headings

#: Without a bare “id”: that is the order's, and given out to people it would find whoever has the same number.
CUSTOMER_NUMBER = headings.EXTERNAL_ID | {
    "en": "customer id, client id, user id, contact id, customer number, customer no, subscriber id, user_login id",
    "fr": "id client, numéro client, n° client, num client, code client, réf client, référence client, "
    "numéro de client, n° de client, identifiant client",
}
EVENTS = {
    "email": {**headings.EMAIL, "any": "billing email, e-mail de facturation, email de facturation, rechnungs e-mail"},
    "external_id": CUSTOMER_NUMBER,
    "event_name": {
        "en": "event, event name, event type, activity, activity type, action, metric",
        "fr": "événement, évènement, type d'événement, activité, action",
        "de": "ereignis, aktivität",
        "es": "evento, actividad",
        "it": "evento, attività",
        "nl": "gebeurtenis, activiteit",
    },
    "event_time": {
        "en": "time, date, datetime, date and time, timestamp, at, created at, order date, event time, event date, "
        "occurred at, paid at, purchase date, date created, processed at",
        "fr": "date, heure, date et heure, date de commande, date commande, date d'achat, horodatage, créé le",
        "de": "datum, zeit, zeitpunkt, bestelldatum, datum und uhrzeit",
        "es": "fecha, fecha y hora, fecha de pedido, fecha del pedido",
        "it": "data, data e ora, data ordine, data dell'ordine",
        "nl": "datum, tijd, besteldatum",
    },
    "event_value": {
        "en": "value, amount, total, order total, grand total, total price, revenue, price, order amount",
        "fr": "montant, montant total, total, total ttc, total commande, montant ttc, valeur, prix",
        "de": "betrag, gesamtbetrag, summe, bestellwert, gesamtsumme, umsatz",
        "es": "importe, importe total, valor, total del pedido",
        "it": "importo, totale, totale ordine, valore",
        "nl": "bedrag, totaalbedrag, totaal, waarde",
    },
    "event_currency": {
        "en": "currency, currency code, order currency",
        "fr": "devise, monnaie, code devise",
        "de": "währung",
        "es": "moneda, divisa",
        "it": "valuta",
        "nl": "valuta, munteenheid",
    },
    "event_number": {
        "en": "order number, order id, order, order no, id, event id, transaction id, invoice number, reference",
        "fr": "numéro de commande, n° de commande, no commande, commande, référence, référence commande, "
        "numéro de facture",
        "de": "bestellnummer, auftragsnummer, rechnungsnummer",
        "es": "número de pedido, pedido, referencia",
        "it": "numero ordine, ordine, riferimento",
        "nl": "bestelnummer, ordernummer, factuurnummer",
    },
}
