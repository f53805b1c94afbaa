"""Merge tags of other products, which Fanfare would send as they are written."""

from __future__ import annotations

import html as html_module
import re
from collections.abc import Collection
from dataclasses import dataclass

from templates_app.merging.hiding import HiddenTags

_NAME = r"[A-Za-z_][\w .:|=,/-]{0,60}"
# Syntax and the products that have it, as their manuals of 2026 say. The group is the tag's name.
_FOREIGN = [
    (re.compile(rf"\*\|(?:HTML:|IF:|END:|ELSE:|LIST:)*({_NAME})\|\*"), "Mailchimp"),
    (re.compile(r"%%([A-Za-z_][\w .-]{0,40})%%"), "Salesforce Marketing Cloud, Account Engagement"),
    (
        re.compile(rf"\[\[(?:data:|contact\.|var:)?({_NAME})(?:\"[^\"\]]{{0,100}}\")?\]\]"),
        "Mailjet, GetResponse, Omnisend",
    ),
    (re.compile(r"(?<!\{)\{([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)\}(?!\})"), "Brevo"),
    (re.compile(r"\{\$([a-z_]\w*)\}"), "MailerLite"),
    (re.compile(r"\{(?:contactfield|leadfield)=([\w.]+)[^}]{0,100}\}"), "Mautic"),
    (re.compile(r"(?<!\{)\{(unsubscribe_url|unsubscribe_text|webview_url|webview_text)\}(?!\})"), "Mautic"),
    (re.compile(r"(?<!\{)\{(?:subtag:)(\w+)[^}]{0,100}\}"), "AcyMailing"),
    (re.compile(r"\{!(\w{1,60})[^}]{0,100}\}"), "AWeber"),
    (re.compile(r"%recipient\.([\w.]+)%"), "Mailgun"),
    (
        re.compile(r"%(FIRSTNAME|LASTNAME|FULLNAME|EMAIL|PHONE|UNSUBSCRIBELINK|WEBCOPY|SENDER-INFO-SINGLELINE)%"),
        "ActiveCampaign",
    ),
    (re.compile(r"%((?:mailing_list_|tag_)?unsubscribe_url)%"), "Mailgun"),
    (re.compile(r"\[(firstname|lastname|fullname|email)(?:,\s*fallback=[^\]]{0,100})?\]"), "Campaign Monitor"),
    (re.compile(r"\[(UNSUBSCRIBEURL|UNSUBSCRIBE|PREFERENCESURL|FIRST NAME|LAST NAME)\]"), "phpList"),
    (re.compile(r"<%(asm_\w+)%>"), "SendGrid"),
    (re.compile(r"\[%([\w ]+)(?:\|[^\]%]{0,100})?%\]"), "SendGrid"),
    (re.compile(r"(?<![\w-])-(first_?name|last_?name|email|name)-(?![\w-])", re.IGNORECASE), "SendGrid"),
    (re.compile(r"\$\[([\w:]+)(?:\|[^\]]{0,100})?\]\$"), "Zoho Campaigns"),
    (re.compile(r"#(?:recipient|subscriber):([\w:]+)#", re.IGNORECASE), "Moosend"),
    (re.compile(r"\[contact_attribute:(\w{1,60})[^\]]{0,100}\]"), "Benchmark Email"),
    (re.compile(r"@(FIRSTNAME|LASTNAME|FULLNAME|EMAIL|POSTCODE)@"), "Dotdigital"),
    (re.compile(r"\{\{\{?\s*(?:contact|params)\.([\w.]+)[^}]*\}\}\}?"), "Brevo, HubSpot"),
    (re.compile(r"\{\{\s*(?:subscriber|person|organization)\.([\w.]+)[^}]*\}\}"), "Kit, Klaviyo"),
    (re.compile(r"\{\{\s*(unsubscribe|mirror|update_profile)\s*\}\}"), "Brevo"),
    (re.compile(r"\{\{\s*(unsubscribe_link|unsubscribe_link_all|view_as_page_url)\s*\}\}"), "HubSpot"),
    (
        re.compile(
            r"\{%-?\s*(unsubscribe|unsubscribe_link|manage_preferences|manage_preferences_link|web_view|web_view_link)"
            r"\b[^%]{0,200}%\}"
        ),
        "Klaviyo",
    ),
    (re.compile(r"\{\{\s*lead\.([\w .:=]+)\}\}"), "Marketo"),
    (re.compile(r"\{\{\s*[Rr]ecipient\.(\w+)[^}]*\}\}"), "Account Engagement"),
]
# What Fanfare has for it: our name, and theirs in small letters without anything between them.
_OURS = {
    "first_name": "fname firstname first prenom prénom vorname givenname",
    "last_name": "lname lastname last nom surname familyname nachname",
    "full_name": "fullname name nomcomplet",
    "email": "email emailaddress emailaddr subscriberemail mail",
    "phone": "phone mobile sms telephone phonenumber",
    "unsubscribe_url": "unsub unsubscribe unsubscribeurl unsubscribelink unsublink unsubscribetext unsubcenterurl "
    "unsubscribelinkall unsublinkfr unsublinken asmgroupunsubscribeurl asmgroupunsubscriberawurl "
    "mailinglistunsubscribeurl tagunsubscribeurl",
    "preferences_url": "updateprofile preferences preferencesurl managepreferences profilecenterurl "
    "subscriptioncenterurl asmpreferencesurl asmpreferencesrawurl updateprofileurl managepreferenceslink",
    "view_url": "archive permalink webversion webview webviewurl webviewtext webcopy viewinbrowser viewemailurl "
    "mirror viewasawebpage viewaspageurl webviewlink",
    "postal_address": "address addressline listaddress listaddresshtml postaladdress senderaddress "
    "senderinfosingleline fulladdress memberaddr physicalmailingaddress accountaddress",
}
_EQUIVALENT = {theirs: ours for ours, names in _OURS.items() for theirs in names.split()}
_LIKE_OURS = re.compile(r"\{\{-?\s*([A-Za-z_]\w{0,60})\s*(?:\|[^{}]{0,200})?-?\}\}")
_BEGINS_UNSEEN = re.compile(r"<style\b|<!--", re.IGNORECASE)
_ENDS_STYLE = re.compile(r"</style>", re.IGNORECASE)


# The fallback that a tag has, by product: Campaign Monitor; Mautic; SendGrid; those that write Liquid or its like.
_FALLBACKS = [
    re.compile(r"fallback=([^\],]+)\]"),
    re.compile(r"^\{(?:contactfield|leadfield)=[\w.]+\|([^{}]+)\}"),
    re.compile(r"^\[%[\w ]+\|([^\]%]+)%\]"),
    re.compile(r"^\{\{.*?\|\s*default\s*:?\s*[=(]?\s*(\"[^\"]*\"|'[^']*')"),
]


@dataclass(frozen=True)
class ForeignTag:
    tag: str
    product: str
    ours: str  # the merge tag of ours for it, or ""
    written: str = ""  # ours as it is written in a text, with the fallback that theirs has


def foreign_tags(*texts: str, names: Collection[str] = ()) -> list[ForeignTag]:
    """The tags of other products in these texts, each once. `names`: own fields, for which theirs may stand."""
    fields = {_plain(name): name for name in names}
    found: dict[str, ForeignTag] = {}
    for text in texts:
        visible = html_module.unescape(_without_unseen(text))
        literal = HiddenTags(visible)
        for pattern, product in _FOREIGN:
            where = visible if pattern.pattern.startswith((r"\{\{", r"\{%")) else literal.marker.sub("\0", literal.text)
            for match in pattern.finditer(where):
                ours = _equivalent(match[1]) or fields.get(_plain(match[1]), "")
                found.setdefault(match[0], ForeignTag(match[0], product, ours, _written(match, ours)))
    return list(found.values())


def unknown_tags(text: str, known: Collection[str], fields: Collection[str]) -> list[ForeignTag]:
    """Tags that are written as ours are, each once, but name something that isn't `known`: they would be empty, without
    a word. `fields`: own fields, for which they may stand."""
    by_plain = {_plain(name): name for name in fields}
    found: dict[str, ForeignTag] = {}
    for tag in HiddenTags(text).tags:
        match = _LIKE_OURS.fullmatch(tag.source) if tag.kind == "output" else None
        if match is None or match[1] in known:
            continue
        ours = _equivalent(match[1]) or by_plain.get(_plain(match[1]), "")
        found.setdefault(tag.source, ForeignTag(tag.source, "", ours, _written(match, ours)))
    return list(found.values())


def _without_unseen(text: str) -> str:
    """The text without style sheets and comments. One that has no end ends with the text."""
    pieces, position = [], 0
    while found := _BEGINS_UNSEEN.search(text, position):
        pieces.append(text[position : found.start()])
        if found[0] == "<!--":
            end = text.find("-->", found.end())
            position = len(text) if end < 0 else end + 3
        else:
            closed = _ENDS_STYLE.search(text, found.end())
            position = closed.end() if closed else len(text)
    return "".join([*pieces, text[position:]])


def _equivalent(name: str) -> str:
    return _EQUIVALENT.get(_plain(name), "")


def _plain(name: str) -> str:
    return re.sub(r"[^a-zé]", "", re.split(r"[:|=]", name)[-1 if name.lower().startswith("list:") else 0].lower())


def _written(match: re.Match[str], ours: str) -> str:
    if not ours:
        return ""
    fallback = next((found[1].strip(" \"'") for one in _FALLBACKS if (found := one.search(match[0]))), "")
    return f'{{{{ {ours} | default: "{fallback}" }}}}' if fallback and '"' not in fallback else f"{{{{ {ours} }}}}"
