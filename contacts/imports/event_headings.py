"""The names of columns in files of events, mostly orders, by what the columns mean and by language. As `headings`, but
for each meaning the names stand in the order of their rank: of two columns the one with the better name is meant."""

from __future__ import annotations

from contacts.imports import headings

#: Without a bare “id”: that is the order's, and given out to people it would find whoever has the same number.
CUSTOMER_NUMBER = headings.EXTERNAL_ID | {
    "en": "customer id, id customer, client id, user id, contact id, customer number, customer no, "
    "subscriber id, user_login id",
    "fr": "id client, numéro client, n° client, num client, code client, réf client, référence client, "
    "numéro de client, n° de client, identifiant client",
}
EVENTS = {
    "email": {
        **headings.EMAIL,
        "any": "billing email, e-mail de facturation, email de facturation, rechnungs e-mail",
    },
    "external_id": CUSTOMER_NUMBER,
    "event_name": {
        "en": "event, event name, event type, activity, activity type, action, metric",
        "fr": "événement, évènement, type d'événement, activité, action",
        "de": "ereignis, aktivität",
        "es": "evento, actividad",
        "it": "evento, attività",
        "nl": "gebeurtenis, activiteit",
    },
    # The order of a customer, before its payment: an unpaid one has been ordered, too.
    "event_time": {
        "en": "event time, occurred at, order date, created at, date created, date created gmt, created, created date, "
        "created utc, created date utc, date add, purchase date, datetime, date and time, timestamp, date, time, at, "
        "processed at, paid at, date paid",
        "fr": "date de commande, date commande, date d'achat, date et heure, horodatage, créé le, date, heure",
        "de": "bestelldatum, datum und uhrzeit, zeitpunkt, datum, zeit",
        "es": "fecha de pedido, fecha del pedido, fecha y hora, fecha",
        "it": "data ordine, data dell'ordine, data e ora, data",
        "nl": "besteldatum, datum, tijd",
    },
    "event_value": {
        "en": "order total, grand total, total price, total, total paid tax incl, total paid, total collected, "
        "order amount, amount, value, revenue, net revenue, n revenue, net sales, gross sales, price",
        "fr": "total commande, total ttc, montant ttc, montant total, total, total payé, montant, valeur, prix",
        "de": "gesamtbetrag, gesamtsumme, bestellwert, summe, betrag, umsatz",
        "es": "total del pedido, importe total, importe, valor",
        "it": "totale ordine, totale, importo, valore",
        "nl": "totaalbedrag, totaal, bedrag, waarde",
    },
    "event_currency": {
        "en": "currency, currency code, order currency",
        "fr": "devise, monnaie, code devise",
        "de": "währung",
        "es": "moneda, divisa",
        "it": "valuta",
        "nl": "valuta, munteenheid",
    },
    "event_status": {
        "en": "order status, financial status, payment status, status",
        "fr": "statut de la commande, état de la commande, statut commande, état commande, statut, état",
        "de": "bestellstatus",
        "es": "estado del pedido, estado",
        "it": "stato ordine, stato",
        "nl": "bestelstatus",
    },
    "event_number": {
        "en": "order number, order id, id order, order no, order, transaction id, event id, invoice number, reference, "
        "id",
        "fr": "numéro de commande, n° de commande, n° commande, no commande, num commande, référence commande, "
        "commande, référence, numéro de facture",
        "de": "bestellnummer, auftragsnummer, rechnungsnummer",
        "es": "número de pedido, pedido, referencia",
        "it": "numero ordine, ordine, riferimento",
        "nl": "bestelnummer, ordernummer, factuurnummer",
    },
}
#: What shops write in a column with the status of orders that came to nothing. An order that waits for its payment, or
#: of which a part was refunded, is one.
_CAME_TO_NOTHING = {
    "en": "cancelled, canceled, failed, voided, void, refunded, expired, abandoned, declined, draft, checkout draft, "
    "trash, payment error, wc-cancelled, wc-failed, wc-refunded, wc-checkout-draft",
    "fr": "annulé, annulée, remboursé, remboursée, échoué, échouée, échec, refusé, refusée, expiré, expirée, "
    "abandonnée, erreur de paiement",
    "de": "storniert, erstattet, fehlgeschlagen, abgebrochen",
    "es": "cancelado, reembolsado, fallido",
    "it": "annullato, rimborsato, fallito",
    "nl": "geannuleerd, terugbetaald, mislukt",
}
#: These words, folded by `headings.fold`.
CAME_TO_NOTHING = frozenset(headings.fold(word) for words in _CAME_TO_NOTHING.values() for word in words.split(","))
#: In Shopify's orders, “Name” is the number of the order: #1001. These columns tell such a file.
SHOPIFY = ("name", {"financialstatus", "lineitemname", "fulfillmentstatus"})


def _ranked() -> dict[str, tuple[int, str]]:
    """By folded heading its rank, 0 being the best, and its meaning; of two, the first in the table counts."""
    found: dict[str, tuple[int, str]] = {}
    for meaning, languages in EVENTS.items():
        for names in languages.values():
            for rank, name in enumerate(names.split(",")):
                found.setdefault(headings.fold(name), (rank, meaning))
    return found


RANKED = _ranked()


def guess(names: list[str]) -> list[str]:
    """What the columns with these headings mean, each meaning once: the column with the best name has it, of equal ones
    the first."""
    folded = [headings.fold(name) for name in names]
    ranked = dict(RANKED)
    name, others = SHOPIFY
    if others & set(folded):
        ranked[name] = (-1, "event_number")
    best: dict[str, tuple[int, int]] = {}
    for column, heading in enumerate(folded):
        if heading in ranked:
            rank, meaning = ranked[heading]
            best[meaning] = min(best.get(meaning, (rank, column)), (rank, column))
    meant = {column: meaning for meaning, (_rank, column) in best.items()}
    return [meant.get(column, "") for column in range(len(names))]
