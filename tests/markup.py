"""Compare pages without regard to the layout of their source."""

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client
from lxml.html import document_fromstring


def flat(page) -> str:
    """A page, or that of a response, without the white space that only lays out its source."""
    text = page if isinstance(page, str) else page.content.decode()
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" (?=/?>)", "", text)
    return re.sub(r"(?<=>) | (?=</)", "", text)


def edit(client: Client, address: str, values: dict[str, Any], **request: Any) -> HttpResponse:
    """Open the page of a form, and send these values with what it remembers of its fields (kernel.edit_conflicts)."""
    return client.post(address, values | {"opened": fields_of(client.get(address))["opened"]}, **request)


def fields_of(page) -> dict[str, str | list[str]]:
    """What a browser would send with the largest form on the page; a list where a name has several values."""
    text = page if isinstance(page, str) else page.content.decode()
    document = document_fromstring(text)
    for inert in list(document.iter("template")):
        inert.drop_tree()
    form = max(document.forms, key=lambda form: len(form.fields))
    values: dict[str, list[str]] = {}
    areas = {area.name for area in form.iter("textarea")}
    for name, value in form.form_values():
        # Browsers drop the line break after <textarea>.
        values.setdefault(name, []).append(value.removeprefix("\n") if name in areas else value)
    return {name: found[0] if len(found) == 1 else found for name, found in values.items()}
