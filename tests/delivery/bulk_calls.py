"""Expands a bulk call as the provider would: into the calls for one message that mean the same."""

from __future__ import annotations

import re


def expanded(slug: str, sent: dict, order=list, *, folds_case: bool = False) -> list[dict]:
    """The calls for one message each. `order`: in which SendGrid replaces tags, which it does not document."""
    if slug == "sendgrid":
        return [_of_personalization(sent, one, order, folds_case) for one in sent["personalizations"]]
    return [_of_version(sent, version) for version in sent["messageVersions"]]


def _of_personalization(sent: dict, one: dict, order, folds_case: bool) -> dict:
    one = dict(one)
    substitutions = one.pop("substitutions")

    def filled(text: str) -> str:
        for tag in order(substitutions):
            flags = re.IGNORECASE if folds_case else 0
            text = re.sub(re.escape(tag), lambda _, tag=tag: substitutions[tag], text, flags=flags)
        return text

    single = {name: value for name, value in sent.items() if name != "personalizations"}
    single["content"] = [part | {"value": filled(part["value"])} for part in sent["content"]]
    single["subject"], single["headers"] = filled(one.pop("subject")), one.pop("headers")
    if "reply_to" in sent:
        assert filled(sent["reply_to"]["email"]) == sent["reply_to"]["email"]
    return single | {"personalizations": [one]}


def _of_version(sent: dict, version: dict) -> dict:
    """A version's values replace those for all messages; its headers are merged with theirs."""
    single = {name: value for name, value in sent.items() if name != "messageVersions"}
    return single | version | {"headers": sent["headers"] | version["headers"]}
