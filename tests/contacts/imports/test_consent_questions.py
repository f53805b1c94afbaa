"""Headings that ask or say in a sentence who wants which mailings, as forms, shops and CRMs write them."""

import datetime as dt

import pytest

from contacts.imports import consent_rows
from contacts.imports.consent_columns import guess_meaning
from contacts.imports.consent_headings import kind_of
from contacts.imports.consent_values import state_of

SAYS_YES = """
Can be contacted; Y; N
Voulez-vous être recontacté ?; Oui; Non
Souhaitez-vous rester informé(e) ?; Oui; Non
Acceptez-vous de recevoir nos offres ?; Oui; Non
OK pub; x; non
RGPD ok; ok; non
Case à cocher newsletter; ✓; ☐
Infos par SMS; Oui; Non
Communication par mail; Oui; Non
Offres commerciales; Oui; Non
Est abonné; Oui; Non
Agreed to receive marketing emails; Yes; No
I would like to receive your newsletter; Yes; No
Would you like to receive news and offers by email?; Yes; No
Please send me news; Yes please; No, thanks
Receive offers; 1; 0
May we contact you by email?; Y; N
Customer wants SMS; Y; N
GDPR marketing permission: email; true; false
Keep me informed; Yes; No
Mailing list; Yes; No
Souhaitez-vous recevoir la newsletter ?; Oui; Non
Je souhaite recevoir les offres; Oui; Non merci
J'accepte de recevoir des offres par e-mail; Oui; Non
Publipostage; O; N
Accord pour emailing; O; N
Ich möchte den Newsletter erhalten; Ja; Nein
Newsletter-Empfänger; Ja; Nein
Newsletter gewünscht; J; N
DSGVO Zustimmung Newsletter; Ja; Nein
Kontakt per E-Mail erwünscht; Ja; Nein
Darf angeschrieben werden; Ja; Nein
Recibir newsletter; Sí; No
Desea recibir publicidad; Sí; No
Autoriza envío de publicidad; Sí; No, gracias
Consenso invio newsletter; Sì; No
Desidera ricevere offerte; Sì; No
Recebe newsletter (S/N); S; N
Deseja receber novidades?; Sim; Não
Wil nieuwsbrief ontvangen; Ja graag; Nee bedankt
Aanmelding nieuwsbrief; Ja; Nee
Mag gemaild worden; Ja; Nee
"""
SAYS_NO = """
Aucun mail; Oui; Non
Rien par mail; Oui; Non
Nessuna newsletter; Sì; No
Niente email; Sì; No
Nada de emails; Sí; No
Nenhum email; Sim; Não
Not interested; Yes; No
Pas intéressé; x;
Kein Interesse; Ja; Nein
Ne plus écrire; Oui; Non
À supprimer; x;
Remove from list; Yes; No
Email suppress; Y; N
Désabo; x;
Unsubs; 1; 0
Non-subscriber; Yes; No
N'est pas abonné; Oui; Non
Customer does not want SMS; Y; N
Do not allow Bulk Emails; Do Not Allow; Allow
donotbulkemail; Do Not Allow; Allow
Do not disturb; Yes; No
No email; Yes; No
Ne pas démarcher; O; N
Pas de mail; O; N
Pas d'emailing; Oui; Non
Je ne souhaite pas recevoir d'offres; Oui; Non
Keine Mailings; Ja; Nein
Kein Kontakt per E-Mail; Ja; Nein
Keine Werbemails; Ja; Nein
Mailingsperre; Ja; Nein
Nicht anschreiben; Ja; Nein
Newsletterabmeldung; Ja; Nein
E-mail opt-out status; Yes; No
No desea recibir publicidad; Sí; No
No quiere recibir correos; Sí; No
No molestar; Sí; No
Lista Robinson; Sí; No
Non desidera ricevere offerte; Sì; No
Não deseja receber; Sim; Não
Não perturbe; Sim; Não
Geen mailing; Ja; Nee
Geen reclame; Ja; Nee
"""
SMELLS_OF_REFUSAL = """
Pas de contact; Oui; Non
Cannot be contacted; Y; N
I'd prefer not to be contacted; Yes; No
Accord refusé; Oui; Non
N'autorise pas; Oui; Non
GDPR objection; Y; N
OK pour newsletter; x;
Keine Abmeldung; Ja; Nein
Keine Abmeldung vom Newsletter; Ja; Nein
Newsletter: not blocked; Yes; No
No spam; Yes; No
Consent (yes/no/unknown); yes; no
Consent: no, perhaps, yes; yes; no
Newsletter - no / yes marketing; yes; no
Newsletter ja 1 nein 0; 1; 0
Preferences: no email; x;
Don't email; Y; N
Wants no emails; Y; N
No purchase, newsletter opt-in; yes; no
Not only offers, also news: wanted; yes; no
S'oppose à la prospection; Oui; Non
Je refuse de recevoir des offres; Oui; Non
Plus de mails; O; N
Widerspricht der Zusendung von Werbung; Ja; Nein
Nega consenso; Sì; No
Consenso negato; Sì; No
Wil geen nieuwsbrief; Ja; Nee
"""
SOMETHING_ELSE = """
Contacted; yes; no
Not contacted; yes; no
To be contacted; yes; no
Jamais contacté; oui; non
Autorisation parentale refusée; oui; non
Mail envoyé; oui; non
Dossier ok; oui; non
Sans gluten; oui; non
Email opened; yes; no
Email verified; yes; no
Marketing event attended; yes; no
Email me the invoice; yes; no
Number of offers accepted; 0; 1
No. of emails; 0; 1
Contact preference; Email; Phone
Subscriber since; 2024-01-01;
"""


def lines(text: str) -> list[tuple[str, str, str]]:
    return [tuple(map(str.strip, line.split(";"))) for line in text.strip().splitlines()]  # type: ignore[misc]


def read(heading: str, *cells: str) -> list[str]:
    assert guess_meaning(heading, dict.fromkeys(cells, 2)).endswith("consent")
    return [state_of(cell, kind_of(heading)) for cell in cells]


@pytest.mark.parametrize("heading, yes, no", lines(SAYS_YES))
def test_a_question_whose_yes_is_a_yes(heading, yes, no):
    assert read(heading, yes, no) == ["granted", "withdrawn"]


@pytest.mark.parametrize("heading, yes, no", lines(SAYS_NO))
def test_a_question_whose_yes_is_a_no(heading, yes, no):
    assert read(heading, yes, no) == ["withdrawn", "granted"]


@pytest.mark.parametrize("heading, yes, no", lines(SMELLS_OF_REFUSAL))
def test_a_question_that_is_not_understood_and_smells_of_refusal_subscribes_nobody(heading, yes, no):
    assert read(heading, yes, no) == ["pending", "pending"]


@pytest.mark.parametrize("heading", ["Opt-out", "Opt-out status", "Opposition", "Blacklist", "I don't want emails"])
@pytest.mark.parametrize("cell", ["Active", "Enabled", "Confirmed", "Accepted", "Validé", "Actif", "Erteilt"])
def test_a_yes_to_a_refusal_is_no_consent_in_whichever_word(heading, cell):
    assert state_of(cell, kind_of(heading)) in ("pending", "withdrawn")


@pytest.mark.parametrize(
    "heading, no",
    [
        ("Acceptez-vous de recevoir nos offres par mail et SMS ?", "Non"),
        ("Opt-in SMS/Email", "0"),
        ("E-mail et SMS", "Non"),
        ("WhatsApp or SMS opt-out", "Yes"),
        ("Blocked for e-mail and SMS", "Yes"),
    ],
)
def test_a_no_to_several_channels_is_one_to_each(heading, no):
    assert guess_meaning(heading, {no: 2}) == "consent"
    assert state_of(no, kind_of(heading)) in ("withdrawn", "pending")


@pytest.mark.parametrize(
    "cell", ["désinscrit le 3 mars", "Unsubscribed 2023-01-03", "03/03/2024: opt-out", "STOP SMS", "Ne souhaite plus"]
)
def test_a_refusal_beside_other_words_is_one(cell):
    assert {state_of(cell, kind_of(heading)) for heading in ("Newsletter", "Opt-out", "E-mail status")} == {"withdrawn"}


@pytest.mark.parametrize(
    "yes, no", [("Oui le 12/05/2023", "Non 12/05/2023"), ("ok 2023-05-12", "no, 2023"), ("✔️", "☐")]
)
def test_an_answer_with_its_date_or_as_a_picture_is_an_answer(yes, no):
    assert [state_of(cell, "in") for cell in (yes, no)] == ["granted", "withdrawn"]
    assert state_of(yes, kind_of("Opt-out")) == "withdrawn"


@pytest.mark.parametrize(
    "cell", ["oui 2018 non 2020", "pas désinscrit", "oui par SMS uniquement", "plus tard", "non, pas encore", "?", "2"]
)
def test_a_cell_that_is_not_understood_is_no_consent(cell):
    assert {state_of(cell, kind_of(heading)) for heading in ("Newsletter", "E-mail status")} == {"pending"}


@pytest.mark.parametrize(
    "heading", ["Do Not Call", "DoNotCall", "do_not_text", "Ne pas appeler", "Bloctel", "No llamar"]
)
def test_who_wants_no_calls_has_not_agreed_to_text_messages(heading):
    assert guess_meaning(heading, {"yes": 2, "no": 2}) == "sms_consent"
    assert [state_of(cell, kind_of(heading)) for cell in ("yes", "no", "perhaps")] == ["pending", "granted", "pending"]


@pytest.mark.parametrize("heading", ["Mail HS", "Adresse mail HS", "Retour mail", "Adresse erronée"])
def test_an_address_that_is_out_of_order_has_bounced(heading):
    assert read(heading, "x", "") == ["bounced", "granted"]


@pytest.mark.parametrize("heading, one, other", lines(SOMETHING_ELSE))
def test_a_heading_about_other_mailings_is_not_about_consent(heading, one, other):
    assert guess_meaning(heading, {one: 2, other: 2}) == ""


def test_the_end_of_a_long_heading_is_read_too():
    heading = "What you said about our news " * 5 + "- unsubscribed"
    columns = consent_rows.load(["consent"], [{}], [heading], {}, dt.UTC)
    assert columns.answers[0].read("yes")["sms"].state == "withdrawn"
