"""Merge tags of other products, which Fanfare would send as they are written."""

from __future__ import annotations

import html as html_module
import re
from dataclasses import dataclass

from templates_app.merging.hiding import HiddenTags

_NAME = r"[A-Za-z_][\w .:|=,/-]{0,60}"
# Syntax and the products that have it, as their manuals of 2026 say. The group is the tag's name.
_FOREIGN = [
    (re.compile(rf"\*\|(?:HTML:|IF:|END:|ELSE:|LIST:)*({_NAME})\|\*"), "Mailchimp"),
    (re.compile(r"%%([A-Za-z_][\w .-]{0,40})%%"), "Salesforce Marketing Cloud, Account Engagement"),
    (re.compile(rf"\[\[(?:data:|contact\.|var:)?({_NAME})(?:\"[^\"\]]*\")?\]\]"), "Mailjet, GetResponse, Omnisend"),
    (re.compile(r"(?<!\{)\{([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)\}(?!\})"), "Brevo"),
    (re.compile(r"\{\$([a-z_]\w*)\}"), "MailerLite"),
    (re.compile(r"\{(?:contactfield|leadfield)=([\w.]+)[^}]*\}"), "Mautic"),
    (re.compile(r"(?<!\{)\{(unsubscribe_url|unsubscribe_text|webview_url|webview_text)\}(?!\})"), "Mautic"),
    (re.compile(r"(?<!\{)\{(?:subtag:)(\w+)[^}]*\}"), "AcyMailing"),
    (re.compile(r"\{!(\w+)[^}]*\}"), "AWeber"),
    (re.compile(r"%recipient\.([\w.]+)%"), "Mailgun"),
    (
        re.compile(r"%(FIRSTNAME|LASTNAME|FULLNAME|EMAIL|PHONE|UNSUBSCRIBELINK|WEBCOPY|SENDER-INFO-SINGLELINE)%"),
        "ActiveCampaign",
    ),
    (re.compile(r"%((?:mailing_list_|tag_)?unsubscribe_url)%"), "Mailgun"),
    (re.compile(r"\[(firstname|lastname|fullname|email)(?:,\s*fallback=[^\]]*)?\]"), "Campaign Monitor"),
    (re.compile(r"\[(UNSUBSCRIBEURL|UNSUBSCRIBE|PREFERENCESURL|FIRST NAME|LAST NAME)\]"), "phpList"),
    (re.compile(r"<%(asm_\w+)%>"), "SendGrid"),
    (re.compile(r"\[%([\w ]+)(?:\|[^\]%]*)?%\]"), "SendGrid"),
    (re.compile(r"(?<![\w-])-(first_?name|last_?name|email|name)-(?![\w-])", re.IGNORECASE), "SendGrid"),
    (re.compile(r"\$\[([\w:]+)(?:\|[^\]]*)?\]\$"), "Zoho Campaigns"),
    (re.compile(r"#(?:recipient|subscriber):([\w:]+)#", re.IGNORECASE), "Moosend"),
    (re.compile(r"\[contact_attribute:(\w+)[^\]]*\]"), "Benchmark Email"),
    (re.compile(r"@(FIRSTNAME|LASTNAME|FULLNAME|EMAIL|POSTCODE)@"), "Dotdigital"),
    (re.compile(r"\{\{\{?\s*(?:contact|params)\.([\w.]+)[^}]*\}\}\}?"), "Brevo, HubSpot"),
    (re.compile(r"\{\{\s*(?:subscriber|person|organization)\.([\w.]+)[^}]*\}\}"), "Kit, Klaviyo"),
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
    "unsublinkfr unsublinken asmgroupunsubscribeurl asmgroupunsubscriberawurl "
    "mailinglistunsubscribeurl tagunsubscribeurl",
    "preferences_url": "updateprofile preferences preferencesurl managepreferences profilecenterurl "
    "subscriptioncenterurl asmpreferencesurl asmpreferencesrawurl updateprofileurl",
    "view_url": "archive permalink webversion webview webviewurl webviewtext webcopy viewinbrowser viewemailurl "
    "mirror viewasawebpage",
    "postal_address": "address listaddress listaddresshtml postaladdress senderaddress senderinfosingleline "
    "fulladdress memberaddr physicalmailingaddress accountaddress",
}
_EQUIVALENT = {theirs: ours for ours, names in _OURS.items() for theirs in names.split()}
_SHEETS = re.compile(r"<(style)\b.*?</\1>|<!--.*?-->", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class ForeignTag:
    tag: str
    product: str
    ours: str  # the merge tag of ours for it, or ""


def foreign_tags(*texts: str) -> list[ForeignTag]:
    """The tags of other products in these texts, each once."""
    found: dict[str, ForeignTag] = {}
    for text in texts:
        visible = html_module.unescape(_SHEETS.sub("", text))
        literal = HiddenTags(visible)
        for pattern, product in _FOREIGN:
            where = visible if pattern.pattern.startswith(r"\{\{") else literal.marker.sub("\0", literal.text)
            for match in pattern.finditer(where):
                found.setdefault(match[0], ForeignTag(match[0], product, _equivalent(match[1])))
    return list(found.values())


def _equivalent(name: str) -> str:
    plain = re.sub(r"[^a-zé]", "", re.split(r"[:|=]", name)[-1 if name.lower().startswith("list:") else 0].lower())
    return _EQUIVALENT.get(plain, "")
