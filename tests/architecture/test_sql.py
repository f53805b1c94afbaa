"""SQL written by hand: which tables of other apps it names, which import-linter can't see; and no bare numbers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps

from tests.architecture.test_code import ROOT, SOURCES
from tests.architecture.test_models import OURS

TABLES = {
    model._meta.db_table: model._meta.app_label
    for model in apps.get_models(include_auto_created=True)
    if model._meta.app_label in OURS
}
# The tables of other apps that a module's SQL names. A change of such a table has to look here.
FOREIGN: dict[str, set[str]] = {
    "adminpanel/sending_health.py": {
        "accounts_workspace",
        "delivery_batch",
        "delivery_lease",
        "delivery_provideraccount",
        "delivery_tally",
    },
    "analytics/recipients_export.py": {"contacts_contact", "delivery_message"},
    "contacts/exports/workspace_archive.py": {"accounts_workspace"},
    "contacts/jobs/requeue_stalled.py": {"accounts_job"},
    "contacts/privacy/purging.py": {"accounts_workspace"},
    "contacts/privacy/retention.py": {"accounts_workspace"},
    "delivery/batching.py": {"contacts_contact", "templates_app_contentlink"},
    "delivery/channels/email/message_checks.py": {"contacts_contact"},
    "delivery/shares.py": {"contacts_contact"},
    "delivery/sources/source.py": {"contacts_contact"},
    "delivery/sources/tester.py": {"contacts_contact"},
    "delivery/day_facts.py": {"contacts_contact"},
    "delivery/folding.py": {"contacts_contact"},
    "delivery/list_hygiene.py": {"accounts_workspace", "contacts_contact"},
    "delivery/privacy.py": {"contacts_contact"},
    "delivery/send_rules.py": {"contacts_contact"},
    "delivery/sending/gate.py": {"billing_quota", "contacts_contact"},
    "delivery/sending/settling.py": {"billing_quota"},
}

# A column of an enumeration compared with a number, or set to one.
BARE = re.compile(r"\b(?:state|kind)\s*(?:=|<>|<=|>=|<|>|IN\s*\()\s*\d")


def _strings(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_only_these_tables_of_other_apps_are_named_in_sql():
    found: dict[str, set[str]] = {}
    for path in SOURCES:
        app = path.relative_to(ROOT).parts[0]
        for text in _strings(path):
            for table in re.findall(r"\b[a-z_]+_[a-z]+\b", text):
                if TABLES.get(table, app) != app:
                    found.setdefault(str(path.relative_to(ROOT)), set()).add(table)
    assert found == FOREIGN


def test_numbers_of_enumerations_have_names():
    bare = {
        (str(path.relative_to(ROOT)), hit) for path in SOURCES for text in _strings(path) for hit in BARE.findall(text)
    }
    assert not bare
