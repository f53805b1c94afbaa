"""Rules of the source tree: layers, names, modules that see all workspaces, nothing inline in pages."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
APPS = [
    "kernel",
    "accounts",
    "billing",
    "manual",
    "contacts",
    "templates_app",
    "delivery",
    "campaigns",
    "analytics",
    "adminpanel",
    "config",
]
SOURCES = [p for app in APPS for p in (ROOT / app).rglob("*.py") if "migrations" not in p.parts]
TEMPLATES = list((ROOT / "templates").rglob("*.html"))

ACROSS = {
    "accounts/inviting.py",
    "adminpanel/site.py",
    "campaigns/scheduling.py",
    "contacts/people/bulk_actions.py",
    "adminpanel/health/secrets.py",
    "contacts/imports/running.py",
    "delivery/batching.py",
    "delivery/sending/lane.py",
    "delivery/sending/unready.py",
    "delivery/views/public/tracking.py",
    "kernel/tenancy.py",
}


def test_imports_point_down():
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_only_these_modules_see_all_workspaces():
    found = {str(p.relative_to(ROOT)) for p in SOURCES if re.search(r"\bacross_workspaces\b", p.read_text())}
    assert found == ACROSS


def test_no_module_has_a_meaningless_name():
    bad = {"services.py", "utils.py", "helpers.py", "common.py", "managers.py", "misc.py"}
    assert not [p for p in SOURCES if p.name in bad]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT / "templates")))
def test_pages_have_nothing_inline(path):
    """A strict CSP allows no inline styles, scripts or handlers. Mails are exempt."""
    if "emails" in path.parts or path.name == "email.html":
        return
    text = path.read_text()
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|\|safe(?!\s*}}\s*</span>)", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


def test_query_strings_and_forms_are_read_in_one_place():
    """Text from outside reaches int() and the database through kernel.parameters, or through a form."""
    unchecked = re.compile(r"request\.(GET|POST|FILES)(\.get|\.getlist|\.items|\.lists|\[)|\.isdecimal\(|int\(request")
    found = [str(path.relative_to(ROOT)) for path in SOURCES if unchecked.search(path.read_text())]
    assert found == []


def test_every_setting_is_in_the_example_with_a_comment():
    used = set()
    for path in (*(ROOT / "config").rglob("*.py"), ROOT / "gunicorn.conf.py"):
        used |= set(re.findall(r'(?:setting|flag|secret|_database)\(\s*"([A-Z_]+)"', path.read_text()))
    lines = (ROOT / ".env.example").read_text().splitlines()
    given = {line.split("=")[0]: lines[n - 1] for n, line in enumerate(lines) if re.match(r"[A-Z_]+=", line)}
    assert used == set(given)
    assert all(comment.startswith("# ") and len(comment) > 15 for comment in given.values())


def test_recurring_jobs_exist_and_have_a_reason():
    from config.recurring import RECURRING
    from kernel import jobs

    assert all(seconds > 0 and name in jobs.JOBS and len(why) > 10 for seconds, name, why in RECURRING)


def test_texts_are_marked_with_names_that_makemessages_knows():
    """A text behind another name reaches no catalogue, so that a French page shows it in English."""
    aliases = {match for path in SOURCES for match in re.findall(r"\b\w*gettext\w* as (\w+)", path.read_text())}
    assert aliases <= {"_"}


def test_no_text_is_marked_inside_an_f_string():
    """makemessages does not look into them."""
    found = []
    for path in SOURCES:
        for outer in ast.walk(ast.parse(path.read_text())):
            calls = ast.walk(outer) if isinstance(outer, ast.JoinedStr) else ()
            names = {getattr(call.func, "id", "") for call in calls if isinstance(call, ast.Call)}
            if any(name == "_" or name.endswith("gettext") for name in names):
                found.append(f"{path}:{outer.lineno}")
    assert not found


def test_french_is_complete():
    from babel.messages.pofile import read_po

    with (ROOT / "locale/fr/LC_MESSAGES/django.po").open("rb") as file:
        catalogue = read_po(file)
    missing = [
        m.id for m in catalogue if m.id and (not m.string or (isinstance(m.string, tuple) and not all(m.string)))
    ]
    assert not missing
    assert not [m.id for m in catalogue if m.id and m.fuzzy]
    assert settings.LANGUAGES[1][0] == "fr"
