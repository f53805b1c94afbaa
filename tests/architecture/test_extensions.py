"""What apps add to each other, and who must: forgetting a registry is a fault that nobody would notice otherwise."""

from __future__ import annotations

import ast
import re
from collections.abc import Hashable
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.utils import translation

from contacts.exports import sources, workspace_archive
from contacts.imports import undo_guards
from contacts.models import Contact
from contacts.privacy import erasure, subject_data
from kernel import extensions, jobs
from tests.architecture.test_code import ROOT, SOURCES
from tests.architecture.test_models import OURS

# Where a model that points to a contact is not named, and why.
NOT_ERASED: dict[str, str] = {}
NOT_IN_SUBJECT_DATA = {
    "delivery.CapturedMessage": "the sandbox's copy of a message that is listed",
    "delivery.IncomingHit": "listed seconds later, when it is folded",
    "contacts.SearchEntry": "the words of what is listed",
}
NOT_EXPORTED = {
    "contacts.ContactTag": "a column of contacts.csv",
    "contacts.ListMember": "a column of contacts.csv",
    "contacts.Signup": "unconfirmed wishes of visitors; what they confirmed is in consents",
    "delivery.Hit": "first opens and clicks are columns of messages",
    "delivery.IncomingHit": "first opens and clicks are columns of messages",
    "contacts.SearchEntry": "made of contacts.csv again",
    "delivery.CapturedMessage": "the sandbox keeps tests for a while; they are no data of the merchant's",
}
NOT_GUARDED = {
    "delivery.IncomingHit": "there is none without a message",
    "contacts.Signup": "who signs up gets a consent row of another source",
    "delivery.Hit": "there is none without a message",
    "delivery.CapturedMessage": "there is none without a message",
    "contacts.SearchEntry": "made of the contact itself",
    "contacts.ContactChange": "the import's own changes are among them; what matters is in the other tables",
}


def _points_to_contact(model) -> bool:
    fields = model._meta.get_fields()
    return model is not Contact and any(
        field.concrete and (getattr(field, "related_model", None) is Contact or field.name == "contact_id")
        for field in fields
    )


MODELS = [model for model in apps.get_models() if model._meta.app_label in OURS and _points_to_contact(model)]


def _unnamed(texts: list[str], exempt: dict[str, str]) -> set[str]:
    """Models whose table is in none of the texts and that are not exempt; and exempt ones that are named after all."""
    all_text = " ".join(texts)
    named = {m._meta.label for m in MODELS if re.search(rf"\b{m._meta.db_table}\b", all_text)}
    return ({m._meta.label for m in MODELS} - named) ^ set(exempt)


def test_there_are_models_that_point_to_a_contact():
    assert {"contacts.Consent", "contacts.Note", "delivery.Message"} <= {model._meta.label for model in MODELS}


def test_each_is_erased_with_the_person():
    statements = [*erasure.STATEMENTS, *erasure.OWN_STATEMENTS]
    assert _unnamed(statements, NOT_ERASED) == set()


def test_each_is_shown_to_the_person():
    shown = {model._meta.db_table for section in subject_data.SECTIONS for model in section.models}
    assert _unnamed(list(shown), NOT_IN_SUBJECT_DATA) == set()


def test_each_is_in_the_workspaces_export():
    texts = [table.sql for table in workspace_archive.TABLES]
    assert _unnamed(texts, NOT_EXPORTED) == set()
    assert "contacts_contacttag" in Path(sources.__file__).read_text()
    assert "contacts_listmember" in Path(sources.__file__).read_text()


def test_an_undo_of_an_import_leaves_contacts_that_it_knows():
    assert _unnamed(list(undo_guards.GUARDS), NOT_GUARDED) == set()


def test_every_job_that_is_asked_for_exists():
    asked = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"enqueue", "carry_on"} and node.args:
                name = node.args[0]
                if isinstance(name, ast.Constant):
                    asked.add(name.value)
    assert len(asked) > 10
    assert asked <= set(jobs.JOBS.names())


def test_there_is_one_mechanism():
    """A module-level list or dict that others fill is a registry that `manage.py extensions` does not print."""
    own = re.compile(r"^_?[a-z_]+: (?:list|dict)\[.*\] = (?:\[\]|\{\})$", re.MULTILINE)
    found = {str(path.relative_to(ROOT)) for path in SOURCES if own.search(path.read_text())}
    assert found <= {"kernel/extensions.py"}


def test_the_command_prints_every_point():
    out = StringIO()
    call_command("extensions", stdout=out)
    printed = out.getvalue()
    for point in extensions.points():
        assert point.name in printed
        assert all(key in printed for key in point.names())


def test_a_key_is_taken_once():
    point: extensions.Extensions[int] = extensions.Extensions("a test's", "Nothing.")
    try:
        point.add(1, "one")
        with pytest.raises(extensions.AlreadyAdded):
            point.add(2, "one")
        assert list(point) == [1]
    finally:
        del extensions._points["a test's"]


def _hashes(language: str) -> dict[str, int]:
    with translation.override(language):
        return {
            f"{point.name}: {key}": hash(item)
            for point in extensions.points()
            for key, item in point.items()
            if isinstance(item, Hashable)
        }


def test_no_extension_is_another_one_in_another_language():
    """A lazy text hashes as its translation: a dictionary made in one language does not find its keys in another."""
    assert _hashes("en") == _hashes("fr")
