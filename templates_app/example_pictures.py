"""The pictures of the designs: drawn for Fanfare, shipped in static/designs/. A design names one as "example:vase.png".

On our own pages they are shown from there. A message that begins with a design gets copies in its workspace's library,
since what was sent must be readable for years, whatever a later release ships.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.files import File
from django.templatetags.static import static

from accounts.models import User, Workspace
from kernel import links
from kernel.files.problems import Problem
from templates_app.blocks.documents import Block, Document
from templates_app.models.picture import FULL_WIDTH
from templates_app.pictures import uploading
from templates_app.pictures.decoding import Refused

FOLDER = settings.BASE_DIR / "static" / "designs"
MARK = "example:"


def names_in(document: Document) -> dict[str, str]:
    """The alt text of each example picture that a document shows, by file name."""
    found: dict[str, str] = {}
    for props in _places(document):
        if props.get("picture", "").startswith(MARK):
            found.setdefault(props["picture"].removeprefix(MARK), props.get("alt", ""))
    return found


def with_addresses(document: Document, address_of: Callable[[str], str]) -> Document:
    """The document with an address for each example picture. `address_of` gets its file name."""
    return replace(document, blocks=tuple(_with_addresses(block, address_of) for block in document))


def shipped(name: str) -> str:
    """The address from which our own pages show a picture."""
    return links.absolute(static(f"designs/{name}"))


def copied(document: Document, workspace: Workspace, user: User | None) -> tuple[Document, str]:
    """(the document with pictures of the workspace's library, why some are missing). A picture that the library has
    already is used again. Takes a while: never call it in a transaction."""
    addresses: dict[str, str] = {}
    problem = ""
    for name, alt in names_in(document).items():
        try:
            addresses[name] = _copy(name, alt, workspace, user)
        except (Refused, Problem) as refused:
            problem = str(refused)
    return with_addresses(document, lambda name: addresses.get(name, "")), problem


def _copy(name: str, alt: str, workspace: Workspace, user: User | None) -> str:
    with (FOLDER / name).open("rb") as source, uploading.received(workspace, File(source, name), user) as picture:
        if not picture.is_known:
            picture.alt = alt
            picture.save()
        return picture.address_for(FULL_WIDTH)


def _places(document: Document) -> list[dict[str, Any]]:
    return [props for block in document for props in (block.props, *block.props.get("items", []))]


def _with_addresses(block: Block, address_of: Callable[[str], str]) -> Block:
    props = _named(block.props, address_of)
    if "items" in props:
        props["items"] = [_named(item, address_of) for item in props["items"]]
    return replace(block, props=props)


def _named(props: dict[str, Any], address_of: Callable[[str], str]) -> dict[str, Any]:
    picture = props.get("picture", "")
    return {**props, "picture": address_of(picture.removeprefix(MARK))} if picture.startswith(MARK) else {**props}
