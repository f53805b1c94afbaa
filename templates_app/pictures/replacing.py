"""A picture is replaced in all templates that show it, or in none: one transaction."""

from __future__ import annotations

import json
import re

from django.core.files import File
from django.db.models import QuerySet

from accounts import audit
from accounts.actors import Actor
from accounts.models import User, Workspace
from kernel.tenancy import scope
from templates_app import picture_addresses, versions
from templates_app.merging.hiding import HiddenTags
from templates_app.models import MessageTemplate, Picture, PictureFile
from templates_app.models.picture import fetch_files
from templates_app.pictures import decoding, storage, uploading

_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_SIDE = re.compile(r"(?P<before>\s(?P<name>width|height)\s*=\s*[\"']?)(?P<px>[0-9]{1,5})(?=[\"'\s/>])", re.IGNORECASE)


class Changed(Exception):
    """Raised where the picture is gone, or templates show it that the member has not seen in the list."""


def affected(picture: Picture) -> QuerySet[MessageTemplate]:
    """The templates that would change, also those in the trash: they can be restored."""
    return MessageTemplate.objects.filter(shown_pictures__picture=picture).order_by("pk")


def replace(
    workspace: Workspace, picture_id: int, file: File, *, actor: Actor, user: User | None, seen: set[int]
) -> list[MessageTemplate]:
    """Put the pixels of `file` in the place of a picture's, in each template that shows it. Name and alt text stay.
    Returns the templates. Raises decoding.Refused, Changed and kernel.files.problems.Problem, and changes nothing then.
    Never call it in a transaction."""
    decoded = decoding.decode(file, workspace.pk)
    files = storage.keep(workspace.pk, decoded.sizes)
    with storage.discarded_on_failure(files), scope(workspace):
        # Without the key: a template that is being saved refers to the picture, and would wait while we wait for it.
        found = Picture.objects.present().select_for_update(no_key=True).filter(pk=picture_id)
        picture = found.first()
        if picture is None:
            raise Changed
        templates = list(affected(picture).select_for_update(of=("self",), no_key=True))
        if {template.pk for template in templates} - seen:
            raise Changed
        old = list(PictureFile.objects.filter(picture=picture).defer("data"))
        picture.revision += 1
        uploading.describe(picture, decoded)
        picture.save()
        uploading.add_files(picture, files)
        fetch_files([picture])
        moves = {file.key: picture.file_at_least(file.width) for file in old}
        for template in templates:
            _rewrite(template, moves, actor, user)
        audit.record(actor, "picture.replaced", picture, templates=len(templates))
    return templates


def _rewrite(template: MessageTemplate, moves: dict[str, PictureFile], actor: Actor, user: User | None) -> None:
    template.html = rewritten(template.html, moves)
    if template.is_of_blocks:  # its HTML is made from the document again with the next change
        paths = {key: file.path for key, file in moves.items()}
        template.document = json.loads(picture_addresses.replace(json.dumps(template.document), paths))
        template.revision += 1
    template.save()
    versions.freeze(template, by=user)
    audit.record(actor, "template.changed", template)


def rewritten(html: str, moves: dict[str, PictureFile]) -> str:
    """The HTML with other files in the place of those with these keys. An <img> with both sides given keeps its width
    and gets the height of the new shape; nothing else changes."""
    hidden = HiddenTags(html)
    text = _IMAGE.sub(lambda tag: _shaped(tag[0], moves), hidden.text)
    return hidden.show(picture_addresses.replace(text, {key: file.path for key, file in moves.items()}))


def _shaped(tag: str, moves: dict[str, PictureFile]) -> str:
    file = next((moves[key] for key in picture_addresses.keys_of(tag) if key in moves), None)
    sides = {side["name"].lower(): int(side["px"]) for side in _SIDE.finditer(tag)}
    if file is None or len(sides) < 2:
        return tag
    height = max(1, round(sides["width"] * file.height / file.width))
    return _SIDE.sub(
        lambda side: side["before"] + (str(height) if side["name"].lower() == "height" else side["px"]), tag
    )
