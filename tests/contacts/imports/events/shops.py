"""Files of orders with the columns of real exports, in the order and the languages in which shops write them. The people
are made up: Ana bought something in each."""

from __future__ import annotations

WOOCOMMERCE = (
    "Order Number,Order Status,Order Date,First Name (Billing),Email (Billing),Payment Method Title,Order Total Amount,"
    "Order Currency,Item Name,Quantity,Item Cost\n"
    "1201,Completed,2021-03-01 10:15,Ana,ana@example.com,Card,45.00,EUR,Cup,2,20.00\n"
    "1201,Completed,2021-03-01 10:15,Ana,ana@example.com,Card,45.00,EUR,Pot,1,5.00\n"
)
BIGCOMMERCE = (
    "Order ID,Customer ID,Customer Name,Customer Email,Customer Phone,Order Date,Order Status,Subtotal (inc tax),"
    "Subtotal (ex tax),Order Total (inc tax),Order Total (ex tax),Total Quantity,Order Currency Code\n"
    "101,7,Ana,ana@example.com,,13/03/2021,Completed,40.00,33.33,45.00,37.50,1,EUR\n"
)
MAGENTO = (
    "ID,Purchase Point,Purchase Date,Bill-to Name,Ship-to Name,Grand Total (Base),Grand Total (Purchased),Status,"
    "Customer Email,Customer Group,Subtotal,Shipping and Handling,Payment Method,Total Refunded\n"
    '000000101,Main Website,"Mar 1, 2021 10:15:00 AM",Ana,Ana,€45.00,€45.00,Complete,ana@example.com,General,€40.00,'
    "€5.00,checkmo,€0.00\n"
)
SHOPIFY = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Accepts Marketing,Currency,Subtotal,Shipping,Taxes,Total,"
    "Created at,Lineitem quantity,Lineitem name,Lineitem price,Cancelled at,Payment Method,Id\n"
    "#1001,ana@example.com,paid,2021-03-01 10:15:00 +0100,fulfilled,no,EUR,40.00,5.00,0.00,45.00,"
    "2021-03-01 10:15:00 +0100,2,Cup,20.00,,Card,55\n"
)
SQUARESPACE = (
    "Order ID,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Currency,Subtotal,Shipping,Taxes,"
    "Amount Refunded,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Cancelled at,Channel Type\n"
    "00012,ana@example.com,PAID,2021-03-01 10:15:00 +0000,FULFILLED,,EUR,40.00,5.00,0.00,0.00,45.00,"
    "2021-03-01 10:15:00 +0000,2,Cup,20.00,,web\n"
)
WIX = (
    "Order number,Date created,Time,Total order quantity,Contact email,Item,Qty,Quantity refunded,Price,Payment status,"
    "Payment method,Shipping rate,Total tax,Total,Currency,Refunded amount,Net amount,Fulfillment status\n"
    '10012,"Mar 1, 2021",10:15:51 AM,2,ana@example.com,Cup,2,0,20.00,Paid,Card,5.00,0,45.00,EUR,0,45.00,Fulfilled\n'
)
PRESTASHOP = (
    "id_order;reference;id_customer;customer;email;total_paid_tax_incl;iso_code;order_state;payment;date_add\n"
    "12;XKBKNABJK;3;A. Dupont;ana@example.com;45.000000;EUR;Livré;Carte;2021-03-01 10:15:00\n"
)
ETSY = (
    "Sale Date,Order ID,Buyer User ID,Full Name,Number of Items,Payment Method,Date Shipped,Currency,Order Value,"
    "Discount Amount,Shipping,Sales Tax,Order Total,Status,Order Net,Buyer,Buyer Email\n"
    "03/13/21,3001,777,Ana,2,Credit Card,03/14/21,EUR,40.00,0,5.00,0,45.00,Completed,42.00,Ana,ana@example.com\n"
)
EBAY = (
    "Sales Record Number,Order Number,Buyer Username,Buyer Name,Buyer Email,Item Number,Item Title,Quantity,Sold For,"
    "Shipping And Handling,Total Price,Payment Method,Sale Date,Paid On Date\n"
    "7,23-12345-12345,ana1,Ana,ana@example.com,99,Cup,2,€20.00,€5.00,€45.00,Other,Mar-01-21,Mar-01-21\n"
)
EBAY_GERMAN = (
    "Verkaufsprotokollnummer;Bestellnummer;Nutzername des Käufers;Name des Käufers;E-Mail des Käufers;Artikelbezeichnung;"
    "Anzahl;Verkauft für;Verpackung und Versand;Gesamtbetrag;Verkauft am;Zahlungsdatum\n"
    "7;23-12345-12345;ana1;Ana;ana@example.com;Tasse;2;20,00 €;5,00 €;45,00 €;01-Mär-21;02-Mär-21\n"
)
AMAZON = (
    "amazon-order-id\tmerchant-order-id\tpurchase-date\tpayments-date\tbuyer-email\tbuyer-name\tsku\tproduct-name\t"
    "quantity-shipped\tcurrency\titem-price\titem-tax\tshipping-price\torder-status\n"
    "249-0814575-0394263\t\t2021-03-01T09:15:00+00:00\t\tana@example.com\tAna\tC1\tCup\t2\tEUR\t45.00\t0\t0\tShipped\n"
)
SQUARE = (
    "Date,Time,Time Zone,Gross Sales,Discounts,Net Sales,Tax,Tip,Partial Refunds,Total Collected,Source,Transaction ID,"
    "Payment ID,Details,Location,Customer ID,Customer Name,Customer Email\n"
    "2021-03-01,10:15:00,Paris,€40.00,€0.00,€40.00,€5.00,€0.00,€0.00,€45.00,Point of Sale,SQA1x,PA1,,Main,CUST1,Ana,"
    "ana@example.com\n"
)
LIGHTSPEED = (
    "Date,Receipt Number,Line Type,Customer Code,Customer Name,Customer Email,Note,Quantity,Subtotal,Sales Tax,Discount,"
    "Loyalty,Total,Paid,Register,User,Status\n"
    "2021-03-01 10:15:00,1-77,Sale,ana-1,Ana,ana@example.com,,2,40.00,5.00,0,0,45.00,45.00,Main,Eva,CLOSED\n"
)
STRIPE = (
    "id,Description,Seller Message,Created date (UTC),Amount,Amount Refunded,Currency,Status,Customer ID,Customer Email\n"
    "ch_1,Cup,Payment complete.,2021-03-01 09:15:00,45.00,0.00,eur,Paid,cus_1,ana@example.com\n"
)
SUMUP = (
    "Datum,Transaktions-ID,Zahlungsart,Status,Kartentyp,Betrag inkl. MwSt.,Währung,Beschreibung,E-Mail des Kunden\n"
    '2021-03-01 10:15,TAAA1,Verkauf,Erfolgreich,VISA,"45,00",EUR,Tasse,ana@example.com\n'
)
#: The address is that of the account which took the payment, and payouts stand between the sales.
SUMUP_TRANSACTIONS = (
    "E-Mail,Datum,Transaktions-ID,Zahlungsart,Status,Kartentyp,Letzte 4 Ziffern,Eingabemodus,Beschreibung,"
    "Betrag inkl. MwSt.,Gebühr,Auszahlung,Auszahlungsdatum,Auszahlungs-ID,Referenz\n"
    "ana@example.com,2021-03-01 10:15:00,TAAA1,Umsatz,Erfolgreich,VISA,**** 0000,CONTACTLESS,Tasse,45.0,0.4,44.6,,,\n"
    ",2021-03-01 10:16:00,TAAA1,Auszahlung,Gezahlt,,,,,45.0,0.4,44.6,2021-03-03,95,\n"
)
PAYPAL = (
    '"Datum","Uhrzeit","Zeitzone","Name","Typ","Status","Währung","Brutto","Gebühr","Netto","Absender E-Mail-Adresse",'
    '"Empfänger E-Mail-Adresse","Transaktionscode"\n'
    '"13.03.2021","10:15:00","Europe/Berlin","Ana","Express-Zahlung","Abgeschlossen","EUR","45,00","-1,00","44,00",'
    '"ana@example.com","shop@example.com","1AB"\n'
)
PAYPAL_FRENCH = (
    '"Date","Heure","Fuseau horaire","Nom","Type","État","Devise","Avant commission","Commission","Net",'
    '"De l\'adresse email","À l\'adresse email","Numéro de transaction"\n'
    '"13/03/2021","10:15:00","CET","Ana","Paiement Express","Terminé","EUR","45,00","-1,00","44,00",'
    '"ana@example.com","boutique@example.com","1AB"\n'
)
WOOCOMMERCE_FRENCH = (
    "N° de commande;Statut de la commande;Date de la commande;Prénom;E-mail de facturation;Mode de paiement;"
    "Total de la commande;Devise\n"
    "1201;Terminée;01/03/2021 10:15;Ana;ana@example.com;Carte;45,00;EUR\n"
)
#: One row for each item, without the total of the order.
ETSY_ITEMS = (
    "Sale Date,Item Name,Buyer,Quantity,Price,Discount Amount,Order Shipping,Currency,Transaction ID,Date Paid,Order ID,"
    "Buyer Email\n"
    "03/13/21,Cup,ana,2,20.00,0,5.00,EUR,4001,03/13/21,3001,ana@example.com\n"
    "03/13/21,Pot,ana,1,5.00,0,5.00,EUR,4002,03/13/21,3001,ana@example.com\n"
    "03/14/21,Pot,ben,1,5.00,0,5.00,EUR,4003,03/14/21,3002,ben@example.com\n"
)
#: By shop: its file, and the columns that say when, how much, and which order.
FILES = {
    "woocommerce": (WOOCOMMERCE, ("Order Date", "Order Total Amount", "Order Number")),
    "bigcommerce": (BIGCOMMERCE, ("Order Date", "Order Total (inc tax)", "Order ID")),
    "magento": (MAGENTO, ("Purchase Date", "Grand Total (Base)", "ID")),
    "shopify": (SHOPIFY, ("Created at", "Total", "Name")),
    "squarespace": (SQUARESPACE, ("Created at", "Total", "Order ID")),
    "wix": (WIX, ("Date created", "Total", "Order number")),
    "prestashop": (PRESTASHOP, ("date_add", "total_paid_tax_incl", "id_order")),
    "etsy": (ETSY, ("Sale Date", "Order Total", "Order ID")),
    "ebay": (EBAY, ("Sale Date", "Total Price", "Order Number")),
    "ebay german": (EBAY_GERMAN, ("Verkauft am", "Gesamtbetrag", "Bestellnummer")),
    "amazon": (AMAZON, ("purchase-date", "item-price", "amazon-order-id")),
    "square": (SQUARE, ("Date", "Total Collected", "Transaction ID")),
    "lightspeed": (LIGHTSPEED, ("Date", "Total", "Receipt Number")),
    "stripe": (STRIPE, ("Created date (UTC)", "Amount", "id")),
    "sumup": (SUMUP, ("Datum", "Betrag inkl. MwSt.", "Transaktions-ID")),
    "paypal": (PAYPAL, ("Datum", "Brutto", "Transaktionscode")),
    "paypal french": (PAYPAL_FRENCH, ("Date", "Avant commission", "Numéro de transaction")),
    "woocommerce french": (
        WOOCOMMERCE_FRENCH,
        ("Date de la commande", "Total de la commande", "N° de commande"),
    ),
}
#: By shop, when Ana bought there, in a workspace of Paris. The amount is 45 euros in each.
MOMENTS = {
    "woocommerce": "2021-03-01T10:15:00+01:00",
    "bigcommerce": "2021-03-13T00:00:00+01:00",
    "magento": "2021-03-01T10:15:00+01:00",
    "shopify": "2021-03-01T10:15:00+01:00",
    "squarespace": "2021-03-01T10:15:00+00:00",
    "wix": "2021-03-01T10:15:51+01:00",
    "prestashop": "2021-03-01T10:15:00+01:00",
    "etsy": "2021-03-13T00:00:00+01:00",
    "ebay": "2021-03-01T00:00:00+01:00",
    "ebay german": "2021-03-01T00:00:00+01:00",
    "amazon": "2021-03-01T09:15:00+00:00",
    "square": "2021-03-01T10:15:00+01:00",
    "lightspeed": "2021-03-01T10:15:00+01:00",
    "stripe": "2021-03-01T09:15:00+00:00",
    "sumup": "2021-03-01T10:15:00+01:00",
    "paypal": "2021-03-13T10:15:00+01:00",
    "paypal french": "2021-03-13T10:15:00+01:00",
    "woocommerce french": "2021-03-01T10:15:00+01:00",
}
#: The columns of those files that say who.
ADDRESSES = {
    "Email (Billing)",
    "Customer Email",
    "Email",
    "Contact email",
    "email",
    "Buyer Email",
    "E-Mail des Käufers",
    "buyer-email",
    "E-Mail des Kunden",
    "Absender E-Mail-Adresse",
    "De l'adresse email",
    "E-mail de facturation",
}
