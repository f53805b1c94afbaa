"""Recognising columns that say who agreed and who refused: headings and values of seven languages and of programs."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from contacts.imports.consent_columns import guess_meaning
from contacts.imports.consent_headings import heading_of, kind_of, proof_of
from contacts.imports.consent_values import state_of
from contacts.imports.moments import read_moment

YES_NO = {"yes": 5, "no": 3}


def cells(text: str) -> dict[str, int]:
    return dict.fromkeys(text.split("|"), 1)


@pytest.mark.parametrize(
    "name, values, meaning",
    [
        # Programs
        ("Status", "subscribed|unsubscribed|cleaned", "consent"),  # Mailchimp
        ("EMAIL_BLACKLISTED", "No|Yes", "email_consent"),  # Brevo
        ("SMS_BLACKLISTED", "0|1", "sms_consent"),
        ("Accepts Marketing", "yes|no", "consent"),  # Shopify, until 2022
        ("Accepts Email Marketing", "yes|no", "email_consent"),  # Shopify
        ("Accepts SMS Marketing", "yes|no", "sms_consent"),
        ("email_disabled", "false|true", "email_consent"),  # Substack
        ("email_status", "subscribed|unsubscribed|pending", "email_consent"),  # Fanfare
        ("sms_status", "pending", "sms_consent"),
        ("whatsapp_status", "pending", "whatsapp_consent"),
        ("status", "enabled|disabled|blocklisted", "consent"),  # listmonk
        ("subscription_status", "confirmed|unconfirmed", "consent"),
        ("Unsubscribed from all email", "true|", "email_consent"),  # HubSpot
        ("Email Marketing Consent", "SUBSCRIBED|NEVER_SUBSCRIBED", "email_consent"),  # Klaviyo
        ("Email Opt Out", "false|true", "email_consent"),  # Zoho, Salesforce
        ("HasOptedOutOfEmail", "false|true", "email_consent"),  # Salesforce
        ("doNotEmail", "0|1", "email_consent"),
        ("Do Not Contact", "0|1", "consent"),  # Mautic
        ("emailOptIn", "1|0", "email_consent"),
        ("donotContact", "TRUE|FALSE", "consent"),
        ("donotContact", "1|", "consent"),
        ("donotEmail", "yes|", "email_consent"),
        ("optedOut", "yes|", "consent"),
        ("BOUNCE", "yes|no", "consent"),
        ("Email bounce", "1|0", "email_consent"),
        ("Bounces", "0|1|0|7", ""),
        ("Reason", "UNSUBSCRIBED|USER_SUPPRESSED|HARD_BOUNCE", "consent"),  # Klaviyo
        ("reason", "Hard bounce from SMTP|", "consent"),
        ("Motif", "Désinscrit le 12 mars|Trop cher", "consent"),
        ("Reason", "Complaint about a parcel|Question", ""),
        ("Reason", "Birthday|Wedding", ""),
        ("reason", "550 5.1.1 The account does not exist|452 mailbox full", "consent"),  # SendGrid
        ("error", "5.1.1 unknown user|", "consent"),  # Mailgun
        ("Reason", "550 euros|Present", ""),
        ("Suppression Reason", "HardBounce|ManualSuppression", "consent"),  # Postmark
        ("event", "delivered|open|unsubscribe", "consent"),
        ("Email type", "work|home", ""),
        ("UNSUB_REASON", "Too many e-mails|", "consent"),
        ("Bounce Type", "hard|soft", "consent"),  # Brevo
        ("Contract type", "permanent|temporary", ""),
        ("Invalid email address", "true|", "email_consent"),  # HubSpot
        ("Email Address Quarantined", "true|", "email_consent"),
        ("Von allen E-Mails abgemeldet", "Ja|Nein", "email_consent"),
        ("hs_email_optout", "true|", "email_consent"),
        ("hs_email_optout_12345", "true|", "email_consent"),
        ("hs_email_hard_bounce_reason_enum", "UNKNOWN_USER|", "email_consent"),
        ("emailBlacklisted", "true|false", "email_consent"),  # Brevo
        ("IsExcludedFromCampaigns", "true|false", "consent"),  # Mailjet
        ("Ne souhaite plus recevoir d'e-mails", "oui|non", "email_consent"),
        ("Not unsubscribed", "yes|no", "consent"),
        ("Not subscribed", "yes|no", "consent"),
        ("No consent", "1|", "consent"),
        ("Not opted in", "yes|no", "consent"),
        ("Without consent", "true|false", "consent"),
        ("No SMS consent", "yes|no", "sms_consent"),
        ("No longer subscribed to our offers", "yes|no", "consent"),
        ("No newsletter", "yes|no", "consent"),
        ("Sans consentement", "oui|non", "consent"),
        ("Pas de consentement e-mail", "oui|", "email_consent"),
        ("Nicht abonniert", "ja|nein", "consent"),
        ("Ohne Einwilligung", "ja|nein", "consent"),
        ("Sin consentimiento", "sí|no", "consent"),
        ("Senza consenso", "sì|no", "consent"),
        ("Sem consentimento", "sim|não", "consent"),
        ("Zonder toestemming", "ja|nee", "consent"),
        ("Consent (yes/no)", "yes|no", "consent"),
        ("Opt-in (yes or no)", "yes|no", "consent"),
        ("E-mail: oui/non", "oui|non", "email_consent"),
        ("Einwilligung (ja/nein)", "ja|nein", "consent"),
        ("1. No marketing emails", "1|0", "email_consent"),
        ("Email 1 no contactar", "1|0", "email_consent"),
        ("Cancellato o non contattare", "sì|no", "consent"),
        ("1. Baja", "sí|no", "consent"),
        ("Consent_yes_no", "yes|no", "consent"),
        ("Yes/no marketing", "yes|no", "consent"),
        ("Paid: 1 = no, 0 = yes", "1|0", ""),
        ("Paid (yes/no)", "yes|no", ""),
        ("Yes/no", "yes|no", ""),
        ("No newsletter", "Weekly news|Sunday letter", ""),
        ("No. abonné", "1|2|3", ""),
        ("No consent form number", "12/345|12/346", ""),
        ("Unsubscribed from campaign", "yes|no", "consent"),
        ("Campaign opt-out", "1|0", "consent"),
        ("Campaign opt-out", "2024-03-01|", "consent"),
        ("Campaign opt-out", "Spring sale|Sunday letter", ""),
        ("Unsubscribe page", "Footer|Popup", ""),
        ("Total opt-out", "yes|no", "consent"),
        ("Total opt-outs", "1|0|3", ""),
        ("Nombre desinscrit", "0|1", ""),
        ("Unsubscribe count", "1|1|0", ""),
        ("Phone number opted out", "1|0", "consent"),
        ("Numéro de téléphone : ne pas contacter", "oui|non", "consent"),
        ("Numéro, ne pas contacter", "oui|", "consent"),
        ("Email campaign exclusion", "yes|no", ""),
        ("Who opted out and why", "by phone|in the shop", "consent"),
        ("Unsubscribe link", "https://x.example/u/1|https://x.example/u/2", ""),
        ("Unsubscribe address", "https://x.example/u/1|https://x.example/u/2", ""),
        ("unsubscribe_token", "no|yes", ""),
        ("Marketing emails bounced", "0|3|4|12", ""),
        ("Number of bounces", "0|1", ""),
        ("Order cancelled", "yes|no", ""),
        ("UNSUB_TIME", "2024-03-01 10:00:00|", "consent"),
        ("unsubscribed_at", "2024-03-01T10:00:00Z|", "consent"),
        ("mailpoet_status", "subscribed|inactive|bounced", "consent"),
        ("Subscriber status", "active|unsubscribed|junk", "consent"),  # MailerLite
        ("Hard bounced", "yes|no", "consent"),
        # Languages
        ("Newsletter", "oui|non", "consent"),
        ("Newsletter (oui/non)", "oui|non|oui", "consent"),
        ("Abonné", "oui|non", "consent"),
        ("Désinscrit", "oui|", "consent"),
        ("Désinscrit le", "12/03/2024|", "consent"),
        ("Date de désinscription", "12/03/2024|", "consent"),
        ("Consentement e-mail", "Oui|Non", "email_consent"),
        ("Opt-in SMS", "1|0", "sms_consent"),
        ("Statut d'abonnement", "abonné|désabonné", "consent"),
        ("Liste noire", "x|", "consent"),
        ("Einwilligung", "ja|nein", "consent"),
        ("Newsletter abonniert", "Ja|Nein", "consent"),
        ("Abgemeldet", "Ja|Nein", "consent"),
        ("Abgemeldet am", "01.03.2024|", "consent"),
        ("E-Mail-Einwilligung", "ja|nein", "email_consent"),
        ("Consentimiento", "sí|no", "consent"),
        ("Suscrito", "sí|no", "consent"),
        ("Estado", "suscrito|de baja", "consent"),
        ("Dado de baja", "sí|no", "consent"),
        ("Consenso marketing", "sì|no", "consent"),
        ("Iscritto", "sì|no", "consent"),
        ("Disiscritto", "sì|no", "consent"),
        ("Consentimento", "sim|não", "consent"),
        ("Descadastrado", "sim|não", "consent"),
        ("Toestemming", "ja|nee", "consent"),
        ("Uitgeschreven", "ja|nee", "consent"),
        ("Nieuwsbrief", "ja|nee", "consent"),
        # By values alone
        ("", "subscribed|unsubscribed|subscribed", "consent"),
        ("Etiqueta 7", "subscribed|unsubscribed", "consent"),
        # Something else
        ("Status", "client|prospect", ""),
        ("Status", "active|inactive", ""),
        ("État", "Texas|Ohio", ""),
        ("State", "NY|CA", ""),
        ("Newsletter", "Weekly news|Sunday letter", ""),
        ("Email", "ann@shop.example|bob@shop.example", ""),
        ("SMS", "33612345678", ""),
        ("MEMBER_RATING", "2|3", ""),
        ("Permission level", "admin|editor", ""),
        ("City", "Paris|Lyon", ""),
        ("Paid", "yes|no", ""),
        ("fanfare_id", "1|2", ""),
        ("tracking_status", "pending|subscribed", ""),
        ("No", "1|2|3", ""),
        # Proof
        ("OPTIN_TIME", "2024-01-02 03:04:05", "consent_at"),
        ("Consent date", "2024-01-02", "consent_at"),
        ("consent_at", "2024-01-02T00:00:00Z", "consent_at"),
        ("OPTIN_IP", "192.0.2.1", "consent_ip"),
        ("consent_wording", "I agree to get the newsletter", "consent_wording"),
        ("consent_source", "form", "consent_source"),
        ("Date de consentement", "02/01/2024", "consent_at"),
        ("created_at", "2024-01-02", "created_at"),
    ],
)
def test_a_column_is_recognised_by_heading_and_values(name, values, meaning):
    assert guess_meaning(name, cells(values)) == meaning


@pytest.mark.parametrize(
    "name, value, state",
    [
        ("Status", "Unsubscribed", "withdrawn"),
        ("Status", "cleaned", "bounced"),
        ("Status", "Non-Subscribed", "pending"),
        ("Status", "whatever", "pending"),
        ("Status", "", "pending"),
        ("Status", "Spam complaint", "complained"),
        ("Newsletter", "non", "withdrawn"),
        ("Newsletter", "Désinscrit", "withdrawn"),
        ("Blacklisted", "yes", "withdrawn"),
        ("Blacklisted", "No", "granted"),
        ("Blacklisted", "", "granted"),
        ("Blacklisted", "perhaps", "pending"),
        ("Unsubscribed", "2024-03-01", "withdrawn"),
        ("Unsubscribed", "0000-00-00 00:00:00", "granted"),
        ("Unsubscribed", "NULL", "granted"),
        ("Unsubscribed", "1999", "pending"),
        ("Unsubscribed", "subscribed", "granted"),
        ("Unsubscribed", "да", "pending"),
        ("Unsubscribed", "—", "granted"),
        ("Désinscrit le", "12/03/2024 14:05", "withdrawn"),
        ("Opt-in", "2024-03-01", "granted"),
        ("Opt-in", "✔", "granted"),
        ("Opt-in", "☐", "withdrawn"),
        ("Hard bounced", "TRUE", "bounced"),
        ("donotContact", "TRUE", "withdrawn"),
        ("donotContact", "", "granted"),
        ("BOUNCE", "yes", "bounced"),
        ("BOUNCE", "no", "granted"),
        ("Rimbalzato", "sì", "bounced"),
        ("Reason", "Hard bounce from SMTP", "bounced"),
        ("Reason", "USER_SUPPRESSED", "withdrawn"),
        ("Reason", "550 5.1.1 no such user", "pending"),
        ("Suppression Reason", "HardBounce", "bounced"),
        ("Suppression Reason", "SpamComplaint", "complained"),
        ("Suppression Reason", "ManualSuppression", "withdrawn"),
        ("event", "delivered", "pending"),
        ("Reason", "marked as spam, then unsubscribed", "complained"),
        ("Reason", "soft bounce", "pending"),
        ("Reason", "550 mailbox", "pending"),
        ("Reason", "yes", "pending"),
        ("Reason", "", "granted"),
        ("UNSUB_REASON", "I never signed up", "withdrawn"),
        ("UNSUB_REASON", "never subscribed", "withdrawn"),
        ("UNSUB_REASON", "Spam complaint", "complained"),
        ("UNSUB_REASON", "", "granted"),
        ("Abmeldegrund", "Zu viele E-Mails", "withdrawn"),
        ("DNC Reason", "1", "withdrawn"),
        ("DNC Reason", "0", "granted"),
        ("Bounce type", "hard", "bounced"),
        ("Invalid email address", "true", "pending"),
        ("Invalid email address", "", "granted"),
        ("Email Address Quarantined", "no", "granted"),
        ("Email Address Quarantined", "in part", "pending"),
        ("Von allen E-Mails abgemeldet", "Ja", "withdrawn"),
        ("Von allen E-Mails abgemeldet", "nie", "pending"),
        ("hs_email_optout", "true", "withdrawn"),
        ("Not unsubscribed", "no", "withdrawn"),
        ("Not subscribed", "yes", "withdrawn"),
        ("Not subscribed", "no", "granted"),
        ("No consent", "yes", "withdrawn"),
        ("No consent", "", "granted"),
        ("Not opted in", "1", "withdrawn"),
        ("Without consent", "true", "withdrawn"),
        ("Sans consentement", "oui", "withdrawn"),
        ("No newsletter", "yes", "withdrawn"),
        ("Consent, not in writing", "yes", "pending"),
        ("Yes/no: consent given", "yes", "granted"),
        ("Oui/non abonné newsletter", "non", "withdrawn"),
        ("Unsubscribed (no/yes)", "yes", "withdrawn"),
        ("Not subscribed (yes/no)", "yes", "withdrawn"),
        ("1. No marketing emails", "1", "withdrawn"),
        ("1 No marketing", "1", "withdrawn"),
        ("Si no acepta marketing", "1", "withdrawn"),
        ("1) Non abonné", "oui", "withdrawn"),
        ("Sí/no acepta marketing", "no", "withdrawn"),
        ("Yes/no marketing", "yes", "pending"),
        ("Yes/no marketing", "no", "pending"),
        ("Y/N newsletter", "N", "withdrawn"),
        ("Newsletter oui/non ?", "oui", "granted"),
        ("Not unsubscribed", "", "pending"),
        ("Without opt out", "no", "withdrawn"),
        ("Without opt out", "yes", "granted"),
        ("No longer unsubscribed", "yes", "granted"),
        ("No longer unsubscribed", "no", "withdrawn"),
        ("Sans désinscription", "non", "withdrawn"),
        ("Not on the blocklist", "no", "withdrawn"),
        ("Opt out, not unsubscribed", "yes", "withdrawn"),
        ("No e-mail opt-out", "no", "pending"),
        ("No e-mail opt-out", "yes", "pending"),
        ("Do not e-mail, unsubscribed", "yes", "withdrawn"),
        ("Ohne Opt-out in der Liste", "nein", "withdrawn"),
        ("No longer newsletter", "yes", "withdrawn"),
        ("Bounce type", "soft", "pending"),
        ("Bounce type", "", "granted"),
        ("Bounce type", "Hard bounce (550)", "bounced"),
        ("Spam complaint", "1", "complained"),
        ("Einwilligung", "nein", "withdrawn"),
        ("Abgemeldet", "Nein", "granted"),
        ("Consentimiento", "SÍ", "granted"),
        ("Consentimento", "Não", "withdrawn"),
        ("Toestemming", "nee", "withdrawn"),
        ("Estado", "Dado de baja", "withdrawn"),
        ("Statut", "DÉSABONNÉE", "withdrawn"),
    ],
)
def test_what_a_value_says(name, value, state):
    assert state_of(value, kind_of(name)) == state


def test_what_the_merchant_says_of_a_value_counts():
    assert state_of(" Perhaps!", "in", {"perhaps": "granted"}) == "granted"


@pytest.mark.parametrize(
    "text, moment",
    [
        ("2026-01-02T03:04:05Z", dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)),
        ("2026-01-02 03:04:05+02:00", dt.datetime(2026, 1, 2, 1, 4, 5, tzinfo=dt.UTC)),
        ("02/01/2026 14:05", dt.datetime(2026, 1, 2, 14, 5, tzinfo=dt.UTC)),
        ("1704164645", dt.datetime(2024, 1, 2, 3, 4, 5, tzinfo=dt.UTC)),
        ("2026-01-02T00:00:00Z", dt.datetime(2026, 1, 2, tzinfo=dt.UTC)),
        ("1989-12-31", None),
        ("0001-01-01", None),
        ("0000-00-00", None),
        ("1970-01-01", None),
        ("2999-01-01", None),
        ("soon", None),
        ("99/99/2024", None),
        ("", None),
    ],
)
def test_a_date_of_consent(text, moment):
    found = read_moment(text, day_first=True, zone=ZoneInfo("Asia/Tokyo"))
    assert found == (moment and (moment, None))


@pytest.mark.parametrize("text", ["2026-01-02", "20260102", "02/01/2026", "2 janvier 2026", " 02.01.2026 "])
def test_a_date_without_a_time_of_day_is_a_day_of_the_workspace(text):
    found = read_moment(text, day_first=True, zone=ZoneInfo("America/New_York"))
    assert found == (dt.datetime(2026, 1, 2, 5, tzinfo=dt.UTC), dt.date(2026, 1, 2))


def test_a_heading_of_a_whole_page_is_read_in_its_length():
    """Reading it again from each of its words would take hours."""
    found = [heading_of(word * 40_000) for word in ("no ", "1 ", "1 : 1 ", "yes / ")]
    assert found == [None] * 4


@pytest.mark.parametrize(
    "name", ["", "  ", "first_name", "Prénom", "customer_id", "Last active", "Total spent", "Notes"]
)
def test_other_headings_say_nothing(name):
    assert heading_of(name) is None and proof_of(name) == ""
