"""The names of columns in files of events, mostly orders, by what the columns mean and by language. As `headings`, but
for each meaning the names stand in the order of their rank: of two columns the one with the better name is meant."""

from __future__ import annotations

from contacts.imports import headings

#: What numbers each row of a file, not its customer. In a file of orders it is the order's: given out to people, it
#: would find whoever has the same number.
OF_ROWS = {"id", "external id", "ext id", "id externe", "record id", "record id - contact", "crm id", "euid", "leid"}
CUSTOMER_NUMBER = {
    language: ", ".join(name for name in names.split(", ") if name not in OF_ROWS)
    for language, names in headings.EXTERNAL_ID.items()
} | {"any": "id customer"}
EVENTS = {
    "email": {
        **headings.EMAIL,
        "any": "billing email, email billing, e-mail de facturation, email de facturation, rechnungs e-mail, "
        "buyer email, contact email, customer email address, order email, payer email, from email address, "
        "adresse e-mail du client, adresse e-mail de l'acheteur, e-mail de l'acheteur, de l'adresse email, "
        "e-mail des käufers, käufer e-mail, e-mail des kunden, kunden e-mail, absender e-mail-adresse",
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
        "en": "event time, occurred at, order date, sale date, created at, created on, date created, date created gmt, "
        "created, created date, created utc, created date utc, date add, purchase date, date purchased, date of sale, "
        "order created, placed at, sold on, datetime, date and time, timestamp, date, at, processed at, paid at, "
        "date paid, paid on date, payments date",
        "fr": "date de commande, date commande, date de la commande, date d'achat, date de vente, vendu le, passée le, "
        "commandé le, date et heure, horodatage, créé le, créée le, date de création, date d'ajout, date, "
        "date de paiement, payé le",
        "de": "bestelldatum, auftragsdatum, kaufdatum, verkaufsdatum, verkauft am, bestellt am, gekauft am, "
        "erstellt am, datum und uhrzeit, zeitpunkt, datum, rechnungsdatum, zahlungsdatum, bezahlt am",
        "es": "fecha de pedido, fecha del pedido, fecha de compra, fecha de venta, fecha y hora, fecha",
        "it": "data ordine, data dell'ordine, data di acquisto, data di vendita, data e ora, data",
        "nl": "besteldatum, aankoopdatum, verkoopdatum, datum",
    },
    # What the customer pays in all, before what he pays without taxes, or what the shop gets.
    "event_value": {
        "en": "order total, order total amount, order total inc tax, order total incl tax, order total including tax, "
        "grand total, grand total base, grand total purchased, base grand total, total inc tax, total incl tax, "
        "total price, total, total paid tax incl, total paid, total collected, total amount, order amount, "
        "order total ex tax, amount, gross amount, order value, value, revenue, net revenue, n revenue, gross, "
        "net sales, gross sales, item total, sold for, item price, price, unit price, item cost",
        "fr": "total commande, total de la commande, total commande ttc, total ttc, montant ttc, montant total, "
        "montant de la commande, prix total, total, total payé, montant payé, montant, valeur, brut, avant commission, "
        "prix, prix unitaire",
        "de": "gesamtbetrag, gesamtsumme, gesamtpreis, bestellsumme, bestellwert, auftragssumme, rechnungsbetrag, "
        "endbetrag, zahlbetrag, summe, betrag, betrag inkl mwst, umsatz, brutto, verkauft für, "
        "verkaufspreis, preis, einzelpreis",
        "es": "total del pedido, importe total, importe, valor, bruto, precio",
        "it": "totale ordine, totale, importo totale, importo, valore, lordo, prezzo",
        "nl": "totaalbedrag, totaal, bedrag, waarde, bruto, prijs",
    },
    "event_currency": {
        "en": "currency, currency code, order currency, order currency code, currency iso code, iso code",
        "fr": "devise, monnaie, code devise, devise de la commande",
        "de": "währung, währungscode",
        "es": "moneda, divisa",
        "it": "valuta",
        "nl": "valuta, munteenheid",
    },
    "event_status": {
        "en": "order status, order state, financial status, payment status, transaction status, status",
        "fr": "statut de la commande, état de la commande, statut commande, état commande, statut du paiement, "
        "état du paiement, statut, état",
        "de": "bestellstatus, auftragsstatus, zahlungsstatus",
        "es": "estado del pedido, estado del pago, estado",
        "it": "stato ordine, stato dell'ordine, stato del pagamento, stato",
        "nl": "bestelstatus, betaalstatus",
    },
    # The day on which an order was cancelled, as shops write it beside a status that says nothing of it.
    "event_cancelled": {
        "en": "cancelled at, canceled at, cancelled on, canceled on, cancelled date, canceled date, date cancelled, "
        "date canceled, cancellation date, cancel date, cancelled, canceled",
        "fr": "annulée le, annulé le, date d'annulation, date annulation, annulée, annulé",
        "de": "storniert am, stornierungsdatum, stornodatum, storniert",
        "es": "fecha de cancelación, cancelado el",
        "it": "data di annullamento, annullato il",
        "nl": "geannuleerd op, annuleringsdatum",
    },
    "event_zone": {
        "en": "time zone, timezone",
        "fr": "fuseau horaire",
        "de": "zeitzone",
        "es": "zona horaria, huso horario",
        "it": "fuso orario",
        "nl": "tijdzone",
    },
    "event_number": {
        "en": "order number, order id, amazon order id, id order, order no, order, receipt number, transaction id, "
        "event id, invoice number, sales record number, reference, id",
        "fr": "numéro de commande, n° de commande, n° commande, no commande, num commande, référence commande, "
        "référence de la commande, id commande, commande, numéro de transaction, n° de transaction, numéro de reçu, "
        "numéro de ticket, n° de ticket, référence, numéro de facture",
        "de": "bestellnummer, bestell-nr, bestell-id, auftragsnummer, transaktionscode, transaktions-id, belegnummer, "
        "rechnungsnummer, verkaufsprotokollnummer",
        "es": "número de pedido, pedido, id de transacción, número de recibo, referencia",
        "it": "numero ordine, ordine, id transazione, numero ricevuta, riferimento",
        "nl": "bestelnummer, ordernummer, transactie-id, bonnummer, factuurnummer",
    },
}
#: What shops write in a column with the status of orders that came to nothing. An order that waits for its payment, or
#: of which a part was refunded, is one: with a bank transfer or cash on delivery it stays so for days. But an order
#: whose payment was never begun is none: Stripe's requires_…, and what WooCommerce and BigCommerce call so.
_CAME_TO_NOTHING = {
    "en": "cancelled, canceled, failed, failure, voided, void, refunded, expired, abandoned, declined, denied, "
    "rejected, reversed, blocked, draft, checkout draft, trash, error, incomplete, pending payment, wc-pending, "
    "wc-checkout-draft, requires payment method, requires confirmation, requires action, charged back",
    "fr": "annulé, annulée, remboursé, remboursée, échoué, échouée, échec, refusé, refusée, expiré, expirée, rejeté, "
    "rejetée, abandonné, abandonnée, annulation, erreur, brouillon, attente paiement, en attente paiement",
    "de": "storniert, erstattet, fehlgeschlagen, abgebrochen, abgelehnt, verfallen, zurückerstattet",
    "es": "cancelado, cancelada, reembolsado, reembolsada, fallido, fallida, rechazado, rechazada",
    "it": "annullato, annullata, rimborsato, rimborsata, fallito, fallita, rifiutato, rifiutata",
    "nl": "geannuleerd, terugbetaald, mislukt, geweigerd",
}
#: These words, folded by `headings.fold`.
CAME_TO_NOTHING = frozenset(headings.fold(word) for words in _CAME_TO_NOTHING.values() for word in words.split(","))
#: What shops write around such a word: “Paiement refusé”, “Cancelled by customer”, wc-refunded. Any other word may say
#: something else, as in “Refund declined” and “Partially refunded”.
_AROUND = frozenset(
    (
        *("wc", "payment", "paiement", "zahlung", "pago", "pagamento", "betaling"),
        *("order", "commande", "bestellung", "pedido", "ordine", "bestelling"),
        *("by", "par", "durch", "customer", "client", "kunde", "kunden", "seller", "admin", "system"),
        *("fully", "totally", "entierement", "totalement", "vollstandig"),
        *("and", "et", "und", "the", "le", "la", "du", "de", "of", "in", "en"),
    )
)
#: Magento calls an order closed when all of it was refunded; in other programs it is done. These columns tell Magento.
_MAGENTO = {"purchasepoint", "grandtotalbase", "grandtotalpurchased", "basegrandtotal"}


def came_to_nothing(status: str, names: list[str]) -> bool:
    """Whether this is the status of an order that came to nothing, in a file whose columns have these names."""
    if headings.fold(status) in CAME_TO_NOTHING:
        return True
    if headings.fold(status) == "closed":
        return not _MAGENTO.isdisjoint(map(headings.fold, names))
    words = [word for word in headings.words_of(status) if word not in _AROUND]
    return bool(words) and CAME_TO_NOTHING.issuperset(words)


def _folded(names: str) -> frozenset[str]:
    return frozenset(map(headings.fold, names.split(",")))


#: The amounts of one line of an order, and those of one piece, beside which stands how many.
LINE_TOTALS = _folded("item total, item price, sold for, line total, total article, verkauft für")
PIECE_PRICES = _folded(
    "price, unit price, item cost, prix, prix unitaire, preis, einzelpreis, verkaufspreis, precio, prezzo"
)
QUANTITIES = _folded(
    "quantity, qty, quantity shipped, quantité, qté, anzahl, menge, stückzahl, cantidad, quantità, aantal"
)
#: What a column of whole times may be called, or beside a column of dates that of the times of day.
CLOCK = frozenset(map(headings.fold, ("time", "heure", "uhrzeit", "zeit", "hora", "ora", "tijd")))
#: In Shopify's orders, “Name” is the number of the order: #1001.
SHOPIFY_NUMBER = "name"
#: These columns tell such a file.
SHOPIFY_HEADINGS = {"financialstatus", "lineitemname", "fulfillmentstatus"}

#: In SumUp's transactions, “E-Mail” is the account of the seller. These columns tell such a file.
SUMUP = (
    "email",
    _folded(
        "last 4 digits, entry mode, 4 derniers chiffres, mode de saisie, letzte 4 ziffern, eingabemodus, "
        "ultime 4 cifre, modalità di inserimento, últimos 4 dígitos, modo de entrada, laatste 4 cijfers"
    ),
)


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
    if SHOPIFY_HEADINGS & set(folded):
        ranked[SHOPIFY_NUMBER] = (-1, "event_number")
    best: dict[str, tuple[int, int]] = {}
    for column, heading in enumerate(folded):
        if heading in ranked:
            rank, meaning = ranked[heading]
            best[meaning] = min(best.get(meaning, (rank, column)), (rank, column))
    if clocks := [column for column, heading in enumerate(folded) if heading in CLOCK]:
        best.setdefault("event_time", (0, clocks[0]))
        if best["event_time"][1] != clocks[0]:
            best["event_clock"] = (0, clocks[0])
    _by_item(folded, best)
    meant = {column: meaning for meaning, (_rank, column) in best.items()}
    return [meant.get(column, "") for column in range(len(names))]


def of_the_seller(names: list[str]) -> set[int]:
    """The columns with e-mail addresses that are never a customer's."""
    folded = [headings.fold(name) for name in names]
    name, others = SUMUP
    return {column for column, heading in enumerate(folded) if heading == name and others & set(folded)}


def _by_item(folded: list[str], best: dict[str, tuple[int, int]]) -> None:
    """Where the best amount is that of an item and the order has a number, mean it so: its lines are added up."""
    if not {"event_value", "event_number"} <= best.keys():
        return
    heading = folded[best["event_value"][1]]
    if heading not in LINE_TOTALS | PIECE_PRICES:
        return
    best["event_item_value"] = best.pop("event_value")
    quantities = [column for column, name in enumerate(folded) if name in QUANTITIES]
    if heading in PIECE_PRICES and quantities:
        best["event_quantity"] = (0, quantities[0])
