"""A template in several languages: each translation is a template of its own, edited as every other."""

from __future__ import annotations

from dataclasses import dataclass

from babel import Locale
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from contacts.imports.languages import common_codes
from templates_app import duplicating, versions
from templates_app.blocks import editing, saving
from templates_app.models import LARGE, MessageTemplate

MOST = 20  # languages of one template: a content holds them all


class CannotTranslate(Exception):
    """The template can't get this translation; the message says why."""


@dataclass(frozen=True)
class Language:
    """A language of a template, for its page. `is_behind`: the original was edited after this translation."""

    code: str
    name: str
    template: MessageTemplate
    is_behind: bool = False


def name_of(code: str) -> str:
    """The name of a language in the reader's: "French", "Français"; the code where nobody knows it."""
    name = name_in_sentence(code)
    return name[:1].upper() + name[1:]


def name_in_sentence(code: str) -> str:
    """The same within a sentence: "French", but "français"."""
    return Locale.parse(get_language() or "en", sep="-").languages.get(code, code)


def language_of(template: MessageTemplate, workspace: Workspace) -> str:
    """The code of the language that a template is written in."""
    if template.language:
        return template.language
    return (template.document or {}).get("language") or workspace.language


def languages_of(template: MessageTemplate, workspace: Workspace) -> list[Language]:
    """The original, then its translations by code; `template` may be any of them."""
    original = template.original or template
    code = language_of(original, workspace)
    found = [Language(code, name_of(code), original)]
    for one in translations_of(original):
        is_behind = one.updated_at < original.updated_at
        found.append(Language(one.language, name_of(one.language), one, is_behind))
    return found


def translations_of(original: MessageTemplate, *, whole: bool = False) -> list[MessageTemplate]:
    """By code, without what they say unless they are wanted `whole`."""
    found = original.translations.present().order_by("language")
    return list(found if whole else found.defer(*LARGE))


def offered(original: MessageTemplate, workspace: Workspace) -> list[tuple[str, str]]:
    """(code, name) of the languages into which a template isn't translated yet; none where it has as many as it may
    have."""
    there = {language_of(original, workspace), *(one.language for one in translations_of(original))}
    if len(there) >= MOST:
        return []
    return [(code, name_of(code)) for code in common_codes() if code not in there]


def add(original: MessageTemplate, code: str, workspace: Workspace, *, by: User) -> MessageTemplate:
    """A translation that says, for now, what the original says. The original's row is locked. Raises CannotTranslate
    for a language that isn't offered, because it is there already or none."""
    if original.is_translation or code not in dict(offered(original, workspace)):
        raise CannotTranslate(_("Choose a language that this template doesn't have yet."))
    with transaction.atomic():
        translation = duplicating.copy_of(
            original, name=_name(original, code), by=by, original=original, language=code, edited_by=by
        )
        if original.is_of_blocks:
            before = language_of(original, workspace)
            saving.keep(translation, editing.in_language(saving.document_of(original), before, code), by=by)
        versions.freeze(translation, by=by)
    return translation


def copy_translations(original: MessageTemplate, copy: MessageTemplate, *, by: User) -> None:
    """Give a copy of a template copies of its translations."""
    for one in translations_of(original, whole=True):
        name = _name(copy, one.language)
        versions.freeze(
            duplicating.copy_of(one, name=name, by=by, original=copy, language=one.language),
            by=by,
        )


def _name(original: MessageTemplate, code: str) -> str:
    return f"{original.name[:100]} ({name_of(code)})"
