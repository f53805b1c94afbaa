"""The words of consent columns in English, French, German, Spanish, Italian, Portuguese and Dutch: their headings and
their values, as common programs and people write them.

All are folded (`consent_values.fold`): lower case, without accents, words separated by one space. Phrases are
separated by commas.
"""

from __future__ import annotations


def _phrases(text: str) -> frozenset[str]:
    return frozenset(phrase.strip() for phrase in text.split(",") if phrase.strip())


# Parts of a heading that name a channel. The longest of each channel is taken out before the rest is compared.
CHANNEL_WORDS = {
    "email": _phrases(
        "email, e mail, emails, e mails, mail, mailing, mailings, courriel, courriels, correo, "
        "correo electronico, "
        "posta elettronica, newsletter email, emailing"
    ),
    "sms": _phrases("sms, text message, text messages, texto, textos"),
    "whatsapp": _phrases("whatsapp, whats app"),
}
# Parts of a heading without a meaning of their own.
FILLERS = _phrases(
    "is, has, the, a, an, to, by, for, of, from, via, contact, contacts, customer, user, "
    "subscriber, member, person, "
    "lead, current, de, d, du, des, la, le, les, l, par, pour, aux, a la, au, client, contatto, "
    "cliente, del, della, "
    "al, alla, el, los, per, est, ist, der, die, das, den, dem, zum, zur, fur, kunde, kontakt, do, da, os, "
    "ao, het, een, aan, "
    "voor, van, klant, et, and, und, flag, our, di, attributes, properties, fields, custom, profile, hs"
)

# A yes in such a column is a yes.
OPT_IN_HEADINGS = _phrases(
    # English
    "opt in, optin, opted in, double opt in, double optin, single opt in, consent, marketing consent, consented, "
    "gdpr consent, gdpr, consent given, accepts marketing, accept marketing, accepts, marketing opt in, "
    "marketing optin, marketing permission, marketing permissions, permission, permissions, marketing allowed, "
    "allow marketing, allows marketing, receive marketing, receives marketing, subscribed, is subscribed, "
    "newsletter opt in, newsletter optin, newsletter consent, newsletter subscribed, newsletter subscription, "
    "subscribed newsletter, subscribe newsletter, wants newsletter, receive newsletter, "
    "receives newsletter, agreed, "
    "agreed marketing, marketing agreed, marketing accepted, terms and marketing, subscription consent, "
    "consent marketing, tcpa consent, enabled, marketing, subscribe, subscription, can, may, "
    "accepts newsletter, accepts offers, offers opt in, partner opt in, news opt in, ok, "
    # French
    "consentement, consentement marketing, consentement rgpd, rgpd, accord, accord rgpd, abonne, "
    "abonnee, abonne e, "
    "abonnement, abonne newsletter, abonnement newsletter, inscrit, inscrite, inscrit e, inscrit newsletter, "
    "inscription, inscription newsletter, inscription lettre information, accepte, accepte newsletter, "
    "accepte offres, accepte recevoir, accepte marketing, autorise, autorisation, optin newsletter, "
    "newsletter oui non, "
    "newsletter o n, oui newsletter, lettre information, lettre d information, infolettre, recevoir newsletter, "
    "souhaite recevoir, opt in partenaires, prospection, accepte prospection, "
    # German
    "einwilligung, einwilligung newsletter, newsletter einwilligung, zustimmung, zugestimmt, "
    "newsletter zustimmung, "
    "abonniert, newsletter abonniert, abonnent, angemeldet, newsletter angemeldet, "
    "newsletter anmeldung, anmeldung, "
    "werbung erlaubt, werbeeinwilligung, dsgvo, dsgvo einwilligung, einverstanden, erlaubnis, "
    "newsletter ja nein, "
    "werbung, marketing einwilligung, marketing zustimmung, "
    # Spanish
    "consentimiento, consentimiento marketing, consentimiento rgpd, suscrito, suscrita, suscripcion, suscriptor, "
    "suscrito newsletter, suscrito boletin, boletin, acepta, acepta marketing, acepta publicidad, "
    "acepta newsletter, "
    "acepta comunicaciones, autoriza, autorizacion, permiso, alta newsletter, "
    # Italian
    "consenso, consenso marketing, consenso newsletter, consenso privacy, iscritto, iscritta, "
    "iscritto newsletter, "
    "iscrizione, iscrizione newsletter, accetta, accetta marketing, accetta newsletter, autorizzazione, "
    "autorizza, autorizzato, "
    # Portuguese
    "consentimento, consentimento marketing, inscrito, inscrita, inscricao, subscrito, subscritor, subscricao, "
    "assinante, assinatura, assinante newsletter, aceita, aceita marketing, aceita newsletter, aceita receber, "
    "autorizacao, autorizado, permissao, lgpd, "
    # Dutch
    "toestemming, toestemming marketing, toestemming nieuwsbrief, ingeschreven, aangemeld, "
    "aangemeld nieuwsbrief, "
    "inschrijving, inschrijving nieuwsbrief, abonnee, geabonneerd, akkoord, nieuwsbrief ja nee, "
    "avg, avg toestemming"
)
# Such a column may hold something else (a newsletter's name): it counts only if its values are understood.
VAGUE_HEADINGS = _phrases(
    "newsletter, newsletters, news letter, nieuwsbrief, bulletin, boletin, rundbrief, notiziario, boletim, "
    "marketing, subscription, subscribe, abonnement, inscription, anmeldung, werbung, can, may, ok, "
    "enabled, accepts, "
    "accepte, acepta, accetta, aceita, angemeldet, aangemeld, inscrit, inscrite, inscrito, inscrita, iscritto, "
    "iscritta, suscripcion, iscrizione, inscricao, subscricao, assinatura, inschrijving, lettre information, "
    "lettre d information, infolettre, rgpd, gdpr, dsgvo, avg, lgpd, permission, permissions, "
    "permiso, permissao, "
    "autorisation, autorizacion, autorizacao, autorizzazione, autorizza, autoriza, autorise, autorizado, "
    "autorizzato, prospection, agreed, accord, akkoord, disabled, blocked, suppressed, refus, refused, valid, "
    "abonnent, abonnee, suscriptor, subscritor, assinante, abonne, offers opt in, spam, stop, baja, "
    "cancelado, cancelada, "
    "cancellato, cancellata, cancellazione, cancelou, cancelamento, removido, exclu, exclusion, "
    "excluido, retrait, "
    "invalid, declined, withdrawn, revoked, refuse, refuses, opposition, oposicion, opposizione, "
    "annullato, bloque, "
    "bloquee, bloqueado, bloqueada, bloccato, bloccata, blockiert, gesperrt, sperre, geblokkeerd, "
    "bezwaar, opgezegd, "
    "widerruf, weigert, geweigerd, rechaza, rechazado, rifiuta, rifiutato, recusa, recusado, "
    "revoca, revocato, npai, "
    "publipostage, mailing list, mailinglist, mailingliste, keep me informed, can we text you, may we text you, "
    "news, nl, offers, offres, offres commerciales, communication, communications, infos, actualites, angebote, "
    "ofertas, offerte, darf angeschrieben werden, darf kontaktiert werden, mag gemaild worden, mag benaderd worden, "
    "do not, disable, bounced, marketing allowed, liste rouge, abmeldung, desinscrito, desinscrita"
)
# A yes, or a date, in such a column is a no.
OPT_OUT_HEADINGS = _phrases(
    # English
    "opt out, optout, opted out, opt outs, has opted out, marketing opt out, newsletter opt out, unsubscribed, "
    "unsubscribe, unsubscribes, unsub, unsubscribed newsletter, unsubscribed all, unsubscribed from all, "
    "unsubscribe all, globally unsubscribed, global unsubscribe, unsubscribed marketing, blacklisted, blacklist, "
    "blocklisted, blocklist, blocked, on blocklist, on blacklist, suppressed, suppression, do not contact, "
    "do not email, do not e mail, do not send, do not, do not sms, donotcontact, donotemail, dnc, "
    "dnd, no marketing, "
    "disabled, disable, refuses marketing, refused marketing, refused, refuses, rejects marketing, declined, "
    "do not disturb, do not bulk email, do not bulk e mail, do not mail, no mail, no mailing, no mailings, "
    "declined marketing, withdrawn, consent withdrawn, revoked, consent revoked, bounced, "
    "hard bounced, hard bounce, "
    "hardbounced, complained, spam complaint, spam complaining, marked spam, marked as spam, spam, opt out marketing, "
    "unsubscription, invalid, suppressions, clean time, cleaned at, hard bounce reason, "
    "raison hard bounce, bounce type, type bounce, bounce reason, raison bounce, "
    # French
    "desinscrit, desinscrite, desinscrit e, desinscription, desinscrits, desabonne, desabonnee, desabonne e, "
    "desabonnement, desabonne newsletter, desinscrit newsletter, ne pas contacter, "
    "ne plus contacter, ne pas envoyer, ne pas demarcher, ne plus demarcher, ne pas relancer, ne pas solliciter, "
    "stop pub, "
    "liste noire, sur liste noire, refus, refuse, refuse newsletter, refuse marketing, "
    "refus newsletter, opposition, "
    "opposition marketing, opposition prospection, bloque, bloquee, exclu, exclusion, liste rouge, retrait, "
    "retrait consentement, stop, npai, "
    # German
    "abgemeldet, newsletter abgemeldet, abmeldung, abbestellt, newsletter abbestellt, gesperrt, "
    "sperre, blockiert, "
    "widerruf, widerrufen, widerspruch, werbewiderspruch, werbesperre, nicht kontaktieren, keine werbung, "
    "nicht anschreiben, nicht mehr anschreiben, mailsperre, mailingsperre, newslettersperre, newsletterabmeldung, "
    "newsletterabbestellung, robinsonliste, austragung, "
    "kein newsletter, sperrliste, werbung verboten, ausgetragen, abbestellung, "
    # Spanish
    "baja, de baja, dado de baja, dada de baja, baja newsletter, cancelado, cancelada, desuscrito, desuscrita, "
    "no molestar, lista robinson, no contactar, no enviar, lista negra, bloqueado, bloqueada, excluido, rechaza, "
    "rechaza publicidad, "
    "rechazado, oposicion, "
    # Italian
    "disiscritto, disiscritta, disiscrizione, disiscritto newsletter, cancellato, cancellata, cancellazione, "
    "non contattare, non inviare, lista nera, bloccato, bloccata, rifiuta, rifiuta marketing, "
    "rifiutato, revocato, "
    "revoca, revoca consenso, opposizione, annullato, "
    # Portuguese
    "descadastrado, descadastrada, descadastro, cancelou, cancelamento, cancelou inscricao, nao contactar, "
    "nao perturbe, nao perturbar, nao incomodar, nao contatar, nao enviar, removido, recusa, recusa marketing, "
    "recusado, desinscrito, desinscrita, "
    # Dutch
    "uitgeschreven, afgemeld, uitschrijving, afmelding, uitgeschreven nieuwsbrief, afgemeld nieuwsbrief, "
    "geblokkeerd, niet contacteren, niet mailen, niet benaderen, zwarte lijst, weigert, geweigerd, bezwaar, "
    "opgezegd, ingetrokken"
)
# Beside those with "bounce": the mail came back. Many bounces ("bounces") are a number that says nothing.
BOUNCE_HEADINGS = _phrases(
    "npai, invalid, bad address, mail hs, mails hs, email hs, e mail hs, courriel hs, adresse hs, adresse mail hs, "
    "adresse email hs, adresse e mail hs, mail errone, adresse erronee, retour mail, mail retour, "
    "mail returned, bounce, rejete, rejetee, rebond, unzustellbar, rucklaufer, rebotado, rebotada, "
    "rebote, rimbalzato, rimbalzata, rimbalzo, devolvido, devolvida, onbestelbaar, gebounced"
)
# What people write in a cell of their own, and what a column of them is called.
LEAVERS_HEADINGS = _phrases(
    "not interested, uninterested, no thanks, no thank you, remove me, remove from list, remove from mailing list, "
    "suppress, unsubs, unsubscr, unsubscriber, unsubscribers, non subscriber, nonsubscriber, "
    "pas interesse, pas interessee, pas interesse e, plus interesse, plus interessee, non merci, a supprimer, "
    "a retirer, a retirer de la liste, a desinscrire, a desabonner, liste exclusion, liste d exclusion, desabo, "
    "desinscr, ne pas ecrire, ne plus ecrire, ne veut rien, ne veut rien recevoir, zero pub, cocher si refus, "
    "kein interesse, nein danke, nicht mehr mailen, nicht mehr kontaktieren, no gracias, no interesado, "
    "no interesada, no grazie, non interessato, non interessata, nao interessado, nao interessada, nao obrigado, "
    "geen interesse, nee bedankt, niet geinteresseerd"
)
# Who wants no calls has not agreed to text messages, nor refused them.
CALL_REFUSALS = _phrases(
    "do not call, donotcall, don t call, do not phone, do not text, don t text, no calls, no phone calls, "
    "ne pas appeler, ne plus appeler, ne pas telephoner, pas d appel, pas d appels, bloctel, "
    "nicht anrufen, keine anrufe, no llamar, non chiamare, non telefonare, nao ligar, niet bellen"
)
VAGUE_HEADINGS |= BOUNCE_HEADINGS | LEAVERS_HEADINGS
OPT_OUT_HEADINGS |= BOUNCE_HEADINGS | LEAVERS_HEADINGS
# Why somebody left: whatever stands there, they did.
LEFT_BECAUSE_HEADINGS = _phrases(
    "unsubscribe reason, unsub reason, unsubscribed reason, unsubscription reason, unsub reason other, "
    "unsubscribe reason other, suppression reason, suppressed reason, block reason, blocked reason, blacklist reason, "
    "blocklist reason, opt out reason, optout reason, dnc reason, do not reason, reason unsubscribing, "
    "raison desinscription, motif desinscription, raison desabonnement, motif desabonnement, abmeldegrund, "
    "grund abmeldung, motivo baja, razon baja, motivo disiscrizione, motivo cancelamento, motivo descadastro, "
    "reden uitschrijving, reden afmelding"
)
# Of a suppression list, or of something else: the values decide.
REASON_HEADINGS = _phrases(
    "reason, reasons, raison, motif, cause, grund, razon, motivo, reden, error, error message, smtp error, "
    "smtp response, diagnostic, diagnostic code, erreur, fehler, fout, errore, erro"
)
# A heading that begins so is of one newsletter or kind of message: "Opted out of email: Offers".
OPT_OUT_BEGINNINGS = (
    "opted out of ",
    "opted out ",
    "unsubscribed from ",
    "desinscrit de ",
    "desinscrit des ",
    "desabonne de ",
    "desabonne des ",
    "abgemeldet von ",
)
# A heading that is none of these, but has one of their phrases in it, such as "Von allen E-Mails abgemeldet": a yes
# in it is a no.
REFUSAL_WITHIN = (OPT_OUT_HEADINGS - VAGUE_HEADINGS) | _phrases(
    "no desea recibir, no quiere recibir, no deseo recibir, non desidera ricevere, non vuole ricevere, "
    "nao deseja receber, nao quer receber, wil niet ontvangen, wenst niet te ontvangen, "
    "opt out, optout, unsub, unsubscribed, unsubscribe, blacklist, blacklisted, blocklist, blocklisted, "
    "list unsubscribed, ne souhaite pas, ne souhaite plus, mochte nicht, keine e mails"
)
# Beside the name of a channel or of newsletters, these raise a doubt: whoever has a yes there is not subscribed.
DOUBT_WITHIN = ((OPT_OUT_HEADINGS & VAGUE_HEADINGS) - _phrases("do not, stop")) | _phrases(
    "quarantined, quarantine, excluded, exclude, exclusion, complaint, complaints, inactive, deactivated, "
    "undeliverable, en quarantaine, quarantaine, plainte, exclue, exclus, invalide, quarantane, ungultig, "
    "ausgeschlossen, excluida, cuarentena, invalido, no valido, non valido, quarantena, escluso, esclusa, "
    "quarentena, ongeldig, uitgesloten"
)
DOUBTED = _phrases(
    "newsletter, newsletters, marketing, campaigns, mailings, nieuwsbrief, rundbrief, infolettre, boletin"
)
# Words of headings whose columns hold something about refusals, and not who refused.
NOT_OF_PEOPLE = _phrases(
    "link, links, url, token, hash, key, id, ids, uuid, lien, ip, rate, taux, quote, percent, score, title, subject"
)
# Beside a phrase of refusal, these leave it to the values whether they name something: "Unsubscribed from campaign".
NAMING = _phrases("campaign, page")
# And these, whether they count something: "Number of opt-outs", but also "Total opt-out" and "Nombre, no contactar".
COUNTING = _phrases("count, counts, number, total, nb, nombre, anzahl, numero, aantal")
PHONE_NUMBERS = _phrases(
    "phone number, mobile number, cell number, telephone number, sms number, whatsapp number, numero de telephone, "
    "numero de mobile, numero de portable, numero de telefono, numero de movil, numero di telefono, "
    "numero de telefone"
)
# Before a phrase that says yes, these make it a no: "Not subscribed", "Sans consentement"; before one that says no, a
# yes: "Not unsubscribed".
WITHOUT = _phrases(
    "not, non, nicht, no, nao, niet, never, jamais, pas, "
    "without, sans, ohne, sin, senza, sem, zonder, kein, keine, keinen, nie, nunca, mai, nooit, geen, "
    "aucun, aucune, rien, nessun, nessuna, nessuno, niente, nada, ningun, ninguna, ninguno, nenhum, nenhuma, niets"
)
# Between a yes and a no that a heading gives to choose from: "Yes or no".
OR = _phrases("or, ou, oder, of, o")
#: The yes and the no of one language that a heading gives to choose from: "Consent (yes/no)".
CHOICES = _phrases(
    "yes no, y n, true false, t f, on off, 1 0, checked unchecked, oui non, o n, vrai faux, v f, ja nein, j n, "
    "wahr falsch, si no, s n, verdadero falso, vero falso, sim nao, verdadeiro falso, ja nee, waar onwaar, ok ko"
)
# Between a value and what it means: "1 means no".
MEANS = _phrases("means, is, signifie, veut dire, pour, bedeutet, heisst, significa, betekent, equals")
# At the beginning of a heading they say nothing: "O no contactar", "1. No newsletter". In a cell some are a yes.
BEGINNINGS = _phrases("o, ou, y, et, and, or, und, oder, x, si")
# May stand between the two: "No longer subscribed".
AFTER_NEGATION = _phrases(
    "on, sur, auf, yet, longer, more, been, given, any, currently, encore, plus, mehr, mas, piu, mais, meer"
)
#: What is sent, or how. A heading with one of them and a wish or a negation, such as "Would you like our offers?", is
#: about consent if its values are a yes and a no.
TOPICS = frozenset().union(*CHANNEL_WORDS.values()) | _phrases(
    "newsletter, newsletters, marketing, bulk, offers, promotions, promotional, promo, advertising, advertisement, "
    "advertisements, ads, news, communications, campaigns, nieuwsbrief, nieuwsbrieven, infolettre, infolettres, "
    "lettre information, boletin, boletines, rundbrief, notiziario, boletim, mailinglist, mailingliste, publicite, "
    "pub, offres, prospection, demarchage, sollicitations, publipostage, communication, actualites, werbung, "
    "werbemails, werbemail, werbe, angebote, newslettern, rundmails, publicidad, ofertas, promociones, "
    "novedades, comunicaciones, correos, pubblicita, promozioni, offerte, novita, comunicazioni, publicidade, "
    "informe, informee, infos, informations, informed, informiert, informationen, informado, informada, informato, "
    "informata, geinformeerd, updates, nouveautes, rgpd, gdpr, dsgvo, lgpd, "
    "promocoes, novidades, comunicacoes, reclame, aanbiedingen, acties, nieuws, communicatie, mails, courriels"
)
# These alone are about consent.
CONSENTS = _phrases(
    "consent, consents, consented, opt in, optin, consentement, consentements, einwilligung, einwilligungen, "
    "consentimiento, consentimientos, consenso, consensi, consentimento, consentimentos, toestemming, toestemmingen"
)
WISHES = CONSENTS | _phrases(
    "receive, receives, receiving, want, wants, wish, wishes, like, interested, agree, agrees, agreed, accept, "
    "accepts, "
    "accepted, allow, allows, allowed, permission, permissions, permitted, subscribe, subscribed, subscription, "
    "subscriber, "
    "signup, keep, send, may we, can we, can be, may be, ok, tick, contact, contacted, "
    "recevoir, peut etre, peuvent etre, cocher, cochez, case, rester, "
    "recoit, souhaite, souhaitez, souhait, veut, voulez, accepte, acceptez, accord, autorise, autorisation, "
    "abonne, abonnement, inscrit, inscription, contacter, "
    "erhalten, bekommen, empfangen, empfanger, gewunscht, erwunscht, kontaktieren, wunscht, mochte, mochten, darf, "
    "durfen, erlaubt, erlaubnis, "
    "zustimmung, zugestimmt, anmeldung, angemeldet, abonniert, abonnent, senden, "
    "desea, quiere, quiero, deseo, recibir, recibe, acepta, acepto, autoriza, autorizo, suscrito, suscripcion, alta, "
    "desidera, vuole, voglio, ricevere, riceve, accetta, accetto, autorizza, acconsento, acconsente, iscritto, "
    "iscrizione, "
    "invio, deseja, desejo, quer, quero, receber, recebe, aceita, aceito, autorizo, assinante, inscrito, inscricao, "
    "wil, wens, wenst, ontvangen, ontvangt, mag, mogen, aanmelding, aangemeld, inschrijving, ingeschreven, akkoord"
)
# A wish for these is one for mailings. "Contacted" alone says what was done.
CONTACTING = _phrases(
    "contact, be contacted, be emailed, be mailed, be texted, "
    "contacter, recontacter, etre contacte, etre contactee, etre recontacte, etre recontactee, etre sollicite, "
    "etre sollicitee, ecrire, relancer, solliciter, sollicitation, "
    "kontakt, kontaktieren, kontaktiert werden, anschreiben, angeschrieben werden, mailen, "
    "contacto, contactar, ser contactado, ser contactada, contatto, contattare, essere contattato, essere contattata, "
    "contato, contatar, ser contatado, ser contatada, contacteren, benaderen, benaderd worden, gemaild worden"
)
# With nothing but a negation, these are about consent: "N'autorise pas", "Accord retiré".
AGREEMENTS = _phrases(
    "subscribed, agreed, permission, permissions, accept, accepts, "
    "accord, autorise, autorisation, autorisations, accepte, abonne, abonnee, einverstanden, zustimmung, erlaubnis, "
    "abonniert, acepta, autoriza, autorizacion, permiso, suscrito, accetta, autorizza, autorizzazione, aceita, "
    "autorizacao, permissao, akkoord, geabonneerd"
)
# A heading with a wish and one of these wishes for no mailing.
DENIALS = WITHOUT | _phrases(
    "nein, nee, false, unsubscribe, abmelden, abmeldung, abmeldungen, abbestellen, abbestellung, "
    "uitschrijven, afmelden, desinscrire, desabonner, baja, cancelar, cancelamento, disiscrivere, "
    "disiscrizione, descadastrar, "
    "ne, plus, don t, dont, doesn t, doesnt, won t, cannot, can t, rather, stop, suppress, "
    "erase, erasure, effacement, refuse, refusee, refuses, refused, refus, refuser, "
    "decline, "
    "declines, declined, object, objects, objection, oppose, opposes, opposed, opposition, withdraw, withdrawn, "
    "revoked, "
    "denied, denies, deny, unwanted, exclude, excluded, remove, removed, block, blocked, against, nega, negato, "
    "negata, retiree, revoque, revoquee, rifiuta, "
    "rifiuto, rifiutato, opposizione, revoca, revocato, rechaza, rechazo, rechazado, oposicion, denegado, niega, "
    "recusa, "
    "recusado, oposicao, negado, oppose, retire, retrait, interdit, exclu, weigert, geweigerd, bezwaar, ingetrokken, "
    "widerspruch, widerspricht, widersprochen, widerrufen, widerruf, abgelehnt, lehnt, verboten, untersagt, "
    "gesperrt, sperre, "
    "verweigert, unerwunscht"
)
# Before the negation of a heading that says nothing but that: "I do not want your offers", "Please no e-mails".
SPEAKERS = _phrases(
    "i, we, please, do, does, je, j, ne, n, nous, merci, ich, wir, bitte, yo, por favor, io, eu, ik, client, kunde"
)
# Mailings and answers that say nothing about consent: what was sent, what somebody did with it, what he ordered.
OTHER_MAILINGS = _phrases(
    "opened, opens, open, clicked, clicks, click, sent, delivered, received, last, first, date, time, domain, type, "
    "verified, valid, confirmed, order, orders, invoice, invoices, receipt, receipts, commande, facture, factures, "
    "rechnung, "
    "rechnungen, pedido, factura, facturas, ordine, fattura, fatture, fatura, faturas, bestelling, factuur, facturen, "
    "attended, no of, source, version, text, wording, reason, format, language"
)
ASKING = WISHES - CONTACTING - _phrases("contacted")
DENIABLE = CONSENTS | TOPICS | CONTACTING
# What may stand beside AGREEMENTS.
DENYING = DENIALS | FILLERS | SPEAKERS | AFTER_NEGATION
CLEAR_OPT_IN = OPT_IN_HEADINGS - VAGUE_HEADINGS
# In words.
LONGEST_PHRASE = max(phrase.count(" ") + 1 for phrase in CLEAR_OPT_IN | REFUSAL_WITHIN)
# A word says what the person's state is.
STATUS_HEADINGS = _phrases(
    "status, state, statut, etat, estado, stato, zustand, subscription status, subscription state, "
    "marketing status, "
    "marketing state, consent status, consent state, opt in status, optin status, "
    "permission status, "
    "newsletter status, subscribed status, mailing status, delivery status, marketing consent status, "
    "marketing consent state, list status, optin state, double opt in status, "
    "statut abonnement, statut marketing, statut inscription, statut newsletter, statut consentement, "
    "etat abonnement, statut optin, "
    "statut opt in, anmeldestatus, abo status, abostatus, abonnement status, abonnementstatus, newsletterstatus, "
    "einwilligungsstatus, estado suscripcion, estado consentimiento, estado newsletter, stato iscrizione, "
    "stato consenso, stato newsletter, estado inscricao, estado assinatura, status inscricao, status assinatura, "
    "estado subscricao, situacao, inschrijfstatus, status inschrijving, abonneestatus, status nieuwsbrief, "
    "nieuwsbriefstatus, toestemmingsstatus, subscriber status, member status, marketable status, "
    "marketingkontaktstatus, marketing kontaktstatus, status als marketingkontakt, estado contacto marketing, "
    "estado marketing, stato marketing, status contato marketing"
)
#: A heading with one of these alone says nothing about consent: its values have to.
BARE_STATUS = _phrases(
    "status, state, statut, etat, estado, stato, zustand, situacao, list status, member status, event, event type, "
    "suppression type, evenement, ereignis, evento, gebeurtenis"
)
STATUS_HEADINGS |= BARE_STATUS
#: The headings by their letters alone: programs cut words differently, as in "donotContact" and "doNotContact".
BY_LETTERS = {
    phrase.replace(" ", ""): phrase
    for phrase in sorted(OPT_IN_HEADINGS | VAGUE_HEADINGS | OPT_OUT_HEADINGS | STATUS_HEADINGS | LEFT_BECAUSE_HEADINGS)
}
#: Words that turn a heading of opt-in into one of its proof.
PROOF_HEADINGS = {
    "consent_at": _phrases(
        "consent at, consent date, consent time, consent timestamp, consented at, consent given at, optin time, "
        "opt in time, optin date, opt in date, opt in at, optin at, opted in at, opt in timestamp, confirm time, "
        "confirmed at, confirmation time, confirmation date, subscribed at, subscribe date, subscription date, "
        "subscribed date, subscribed on, date subscribed, date opt in, date optin, gdpr consent date, "
        "accepts marketing updated at, consent updated at, marketing consent updated at, double opt in date, "
        "date consentement, consentement date, date opt in newsletter, date abonnement, "
        "date inscription newsletter, einwilligungsdatum, datum einwilligung, einwilligung am, "
        "anmeldedatum newsletter, "
        "fecha consentimiento, fecha suscripcion, data consenso, data iscrizione newsletter, data consentimento, "
        "data inscricao newsletter, toestemmingsdatum, datum toestemming, datum inschrijving nieuwsbrief"
    ),
    "consent_wording": _phrases(
        "consent wording, consent text, consent statement, consent proof, opt in text, optin text, "
        "opt in wording, "
        "texte consentement, libelle consentement, mention consentement, preuve consentement, einwilligungstext, "
        "text einwilligung, texto consentimiento, testo consenso, texto consentimento, toestemmingstekst"
    ),
    "consent_ip": _phrases(
        "consent ip, consent ip address, optin ip, opt in ip, opt in ip address, optin ip address, confirm ip, "
        "confirmation ip, ip opt in, ip optin, ip consentement, adresse ip consentement, adresse ip, "
        "ip address, ip, "
        "signup ip, sign up ip, subscribe ip, einwilligung ip, ip adresse, ip consentimiento, ip consenso, "
        "direccion ip, indirizzo ip, endereco ip, ip adres"
    ),
    "consent_source": _phrases(
        "consent source, opt in source, optin source, consent origin, subscription source, subscribe source, "
        "signup source, sign up source, source consentement, origine consentement, source optin, source opt in, "
        "einwilligungsquelle, quelle einwilligung, origen consentimiento, fonte consenso, origem consentimento, "
        "bron toestemming"
    ),
}
CREATED_HEADINGS = _phrases(
    "created at, created on, date created, creation date, date creation, cree le, date added, "
    "added at, erstellt am, fecha creacion, data creazione, data criacao, aangemaakt op"
)

# Values with one meaning under every heading.
STATES = {
    "withdrawn": _phrases(
        "unsubscribed, unsubscribe, unsub, disabled, opted out, opt out, optout, optedout, blacklisted, "
        "blacklist, blocklisted, "
        "do not allow, not allowed, disallow, disallowed, "
        "blocklist, blocked, suppressed, do not contact, do not email, refused, declined, denied, "
        "rejected, withdrawn, "
        "revoked, removed, deleted, archived, cancelled, canceled, opted out of marketing, "
        "globally unsubscribed, "
        "not opted in, marketing unsubscribed, off list, user suppressed, manually suppressed, global unsubscribe, "
        "group unsubscribe, list unsubscribe, manual suppression, "
        "desinscrit, desinscrite, desinscrit e, desabonne, desabonnee, desabonne e, ne pas contacter, "
        "liste noire, "
        "refus, refuse, refusee, bloque, bloquee, oppose, opposee, retire, retiree, supprime, exclu, "
        "abgemeldet, abbestellt, gesperrt, blockiert, widerrufen, abgelehnt, ausgetragen, widersprochen, "
        "baja, de baja, dado de baja, dada de baja, desuscrito, desuscrita, no suscrito, bloqueado, bloqueada, "
        "cancelado, cancelada, rechazado, rechazada, revocado, lista negra, "
        "disiscritto, disiscritta, cancellato, cancellata, bloccato, bloccata, rifiutato, rifiutata, revocato, "
        "lista nera, negato, "
        "descadastrado, descadastrada, recusado, recusada, removido, revogado, desinscrito, desinscrita, negado, "
        "uitgeschreven, afgemeld, geblokkeerd, geweigerd, ingetrokken, opgezegd, zwarte lijst, "
        "stop, stop sms, stop mail, stop email, stop pub, stop newsletter, not interested, i refuse, i decline, "
        "je refuse, ne souhaite pas, ne souhaite plus, je ne souhaite pas, je ne souhaite plus, ne veut pas, "
        "ne veut plus, je n accepte pas, i do not agree, i do not accept, pas interesse, pas interessee, "
        "plus interesse, plus interessee, plus abonne, plus abonnee, kein interesse, geen interesse"
    ),
    "bounced": _phrases(
        "bounced, bounce, hard bounce, hard bounced, hardbounce, hardbounced, cleaned, undeliverable, "
        "unreachable, "
        "invalid, invalid email, not deliverable, undelivered, bounces, hard bounces, hard, permanent, "
        "rejete, rejetee, nettoye, nettoyee, erreur definitive, npai, injoignable, non distribue, "
        "adresse invalide, "
        "invalide, unzustellbar, nicht zustellbar, ungultig, rebotado, rebotada, rebote, no valido, invalido, "
        "rimbalzato, rimbalzata, non valido, devolvido, devolvida, rejeitado, onbestelbaar, gebounced, "
        "ongeldig, bereinigt"
    ),
    "complained": _phrases(
        "complained, complaint, complaints, spam, spam complaint, marked as spam, reported spam, spam report, "
        "spamreport, reported as spam, junk, abuse, abuse complaint, plainte, plainte spam, plainte pour spam, "
        "signale comme spam, "
        "beschwerde, spam beschwerde, queja, marcado como spam, reclamo, segnalato come spam, denuncia, "
        "marcado como lixo, klacht, spamklacht, gemarkeerd als spam"
    ),
    "pending": _phrases(
        "pending, unconfirmed, not confirmed, awaiting confirmation, waiting, non subscribed, nonsubscribed, "
        "not subscribed, never subscribed, never, transactional, inactive, unknown, undefined, unset, "
        "not set, not sure, soft, soft bounce, soft bounced, softbounce, transient, temporary, "
        "requested, no consent yet, opt in pending, unverified, not verified, imported, none, "
        "en attente, non confirme, non confirmee, a confirmer, non abonne, non inscrit, inactif, "
        "inactive, inconnu, "
        "inconnue, non renseigne, nc, ausstehend, unbestatigt, nicht bestatigt, offen, unbekannt, inaktiv, "
        "nicht abonniert, nicht angemeldet, pendiente, no confirmado, sin confirmar, desconocido, inactivo, "
        "in attesa, non confermato, non iscritto, sconosciuto, inattivo, pendente, nao confirmado, nao inscrito, "
        "desconhecido, inativo, in afwachting, niet bevestigd, onbekend, inactief, niet ingeschreven, "
        "niet aangemeld"
    ),
    "granted": _phrases(
        "allow, allows, subscribed, subscribe, opted in, opt in, optin, optedin, double opt in, single opt in, "
        "confirmed, confirmed "
        "opt in, confirmed optin, active, enabled, accepted, granted, given, allowed, agreed, "
        "consented, subscriber, "
        "marketing, verified, explicit, implied, "
        "abonne, abonnee, abonne e, inscrit, inscrite, inscrit e, confirme, confirmee, actif, active, "
        "accepte, acceptee, "
        "accorde, autorise, autorisee, valide, consenti, d accord, "
        "abonniert, angemeldet, bestatigt, aktiv, zugestimmt, erteilt, erlaubt, eingewilligt, einverstanden, "
        "suscrito, suscrita, confirmado, confirmada, activo, activa, aceptado, acepta, dado de alta, "
        "alta, autorizado, "
        "iscritto, iscritta, confermato, confermata, attivo, attiva, accettato, autorizzato, concesso, "
        "inscrito, inscrita, subscrito, assinante, ativo, ativa, aceito, aceite, concedido, "
        "ingeschreven, aangemeld, bevestigd, actief, geaccepteerd, toegestaan, akkoord, geabonneerd"
    ),
}
#: Of the values that say yes, those that say to what. Under "Opt-out", "active" and "confirmed" are of the opt-out.
SUBSCRIBED = STATES["granted"] & _phrases(
    "allow, allows, allowed, subscribed, subscribe, subscriber, opted in, opt in, optin, optedin, double opt in, "
    "single opt in, confirmed opt in, confirmed optin, "
    "abonne, abonnee, abonne e, inscrit, inscrite, inscrit e, autorise, autorisee, "
    "abonniert, angemeldet, erlaubt, suscrito, suscrita, dado de alta, alta, autorizado, iscritto, iscritta, "
    "inscrito, inscrita, subscrito, assinante, ingeschreven, aangemeld, toegestaan, geabonneerd"
)
#: Values that only a column about consent has: a column called "Status" needs one of them.
TELLING = (
    STATES["withdrawn"]
    | STATES["bounced"]
    | STATES["complained"]
    | _phrases(
        "subscribed, opted in, opt in, optin, double opt in, confirmed opt in, non subscribed, nonsubscribed, "
        "not subscribed, never subscribed, unconfirmed, subscriber, abonne, abonnee, inscrit, inscrite, "
        "non abonne, "
        "non inscrit, abonniert, angemeldet, nicht abonniert, suscrito, suscrita, iscritto, iscritta, "
        "non iscritto, "
        "inscrito, inscrita, subscrito, ingeschreven, aangemeld, niet ingeschreven, niet aangemeld, geabonneerd, "
        "no consent yet, transactional"
    )
) - _phrases(
    "disabled, archived, deleted, removed, rejected, cancelled, canceled, cancelado, cancelada, "
    "cancellato, cancellata, spam, "
    "refuse, declined, denied, hard, permanent, invalid, invalide, blocked, supprime, retire, exclu, baja, waiting, "
    "opgezegd, removido, stop, not interested, pas interesse, pas interessee, plus interesse, plus interessee, "
    "i refuse, i decline, je refuse, ne veut pas, ne veut plus, je n accepte pas, i do not agree, i do not accept, "
    "kein interesse, geen interesse, do not allow, not allowed, disallow, disallowed"
)
#: These without their spaces: HardBounce, SpamComplaint.
TELLING_BY_LETTERS = {phrase.replace(" ", ""): phrase for phrase in sorted(TELLING) if " " in phrase}
#: Of these, those that say it in the middle of a reason: "Hard bounce from SMTP". A complaint may be about a parcel.
TELLING_WITHIN = frozenset(
    phrase for state in ("withdrawn", "bounced", "complained") for phrase in STATES[state] & TELLING
) - _phrases(
    "bounce, bounces, complaint, complaints, abuse, junk, plainte, beschwerde, queja, reclamo, denuncia, klacht, "
    "nettoye, nettoyee, cleaned, off list, devolvido, devolvida, rejete, rejetee, rejeitado"
)
# Their meaning depends on the heading.
YES = _phrases(
    "yes, y, true, t, 1, x, on, ok, okay, checked, oui, o, vrai, coche, ja, j, wahr, si, s, "
    "verdadero, cierto, vero, ✓, ✔, ☑, ✅, "
    "sim, verdadeiro, waar, v, 1 0, xx"
)
NO = _phrases(
    "no, n, false, f, 0, off, unchecked, non, faux, nein, falsch, falso, nao, nee, onwaar, 0 0, ko, ✗, ✘, ☐, ❌"
)
# Behind a yes or a no: "No, thanks".
POLITENESS = _phrases(
    "please, thanks, thank you, merci, s il vous plait, svp, stp, bitte, danke, gern, gerne, por favor, gracias, "
    "grazie, "
    "per favore, obrigado, obrigada, graag, alstublieft, bedankt, dank u, dank je"
)
#: Cells that hold nothing.
NOTHING = _phrases(
    "-, --, –, —, /, ., ?, [], {}, null, nil, n a, na, nan, none, undefined, 0000 00 00, "
    "0000 00 00 00 00 00, 00 00 0000, 00 00 0000 00 00"
)
