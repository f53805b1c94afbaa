"""The manual: complete in both languages, with links that lead somewhere and with the words of the product's pages."""

import itertools
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils.text import capfirst
from django.utils.translation import override
from markdown_it.token import Token

from accounts.models import User
from manual import markdown, pages

FOLDER = settings.MANUAL_FOLDER
LANGUAGES = [code for code, _ in settings.LANGUAGES]
EVERY_PAGE = [(language, slug) for language in LANGUAGES for slug in sorted(pages.slugs())]


def tokens(language: str, slug: str) -> list[Token]:
    return markdown.PARSER.parse((FOLDER / language / f"{slug}.md").read_text())


def targets(language: str, slug: str, kind: str, attribute: str) -> list[str]:
    return [str(t.attrGet(attribute)) for t in markdown.inside(tokens(language, slug)) if t.type == kind]


@cache
def anchors(language: str, slug: str) -> set[str]:
    found = tokens(language, slug)
    return {
        markdown.anchor(markdown.plain(inline))
        for opening, inline in itertools.pairwise(found)
        if opening.type == "heading_open"
    }


def bold(language: str, slug: str) -> list[str]:
    labels = []
    for line in tokens(language, slug):
        inner, within = line.children or [], False
        for token in inner:
            if token.type == "strong_open":
                within = True
                labels.append("")
            elif token.type == "strong_close":
                within = False
            elif within:
                labels[-1] += token.content
    return [one_space(label) for label in labels]


def one_space(text: str) -> str:
    return " ".join(text.split())


@cache
def labels() -> dict[str, set[str]]:
    """What the pages say in English, and for each what they say in French. Some labels begin with a capital only there."""
    catalogues = {}
    for language in LANGUAGES:
        with (Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po").open("rb") as file:
            catalogues[language] = read_po(file)
    ours = {m.id: m.string for m in catalogues["en"] if m.id}  # sentences of libraries that Fanfare words its own way
    found: dict[str, set[str]] = {}
    for message in catalogues["fr"]:
        if not message.id:
            continue
        several = isinstance(message.id, tuple)
        pairs = zip(message.id, message.string, strict=False) if several else [(message.id, message.string)]
        for english, french in pairs:
            shown = one_space(capfirst(ours.get(english) or english))
            found.setdefault(shown, set()).add(one_space(capfirst(french)))
    return found


def test_every_page_exists_in_both_languages():
    assert len(pages.slugs()) > 10
    for language in LANGUAGES:
        assert {path.stem for path in (FOLDER / language).glob("*.md")} == pages.slugs()


@pytest.mark.parametrize("language, slug", EVERY_PAGE)
def test_links_and_pictures_exist(language, slug):
    for target in targets(language, slug, "link_open", "href"):
        name, _, place = unquote(target).partition("#")
        assert name.endswith(".md") and name[:-3] in pages.slugs(), target
        assert not place or place in anchors(language, name[:-3]), target
    for source in targets(language, slug, "image", "src"):
        assert source.startswith(f"../pictures/{language}/") and (FOLDER / language / source).is_file(), source


@pytest.mark.parametrize("slug", sorted(pages.slugs()))
def test_words_in_bold_are_those_of_the_pages_in_both_languages(slug):
    english, french = bold("en", slug), bold("fr", slug)
    assert [label for label in english if label not in labels()] == [], "no page says this in English"
    assert [label for label in english if not labels()[label] & set(french)] == [], "the French page leaves it out"
    known = set().union(*(labels()[label] for label in english))
    assert [label for label in french if label not in known] == [], "the English page doesn't have this label"


def test_the_index_leads_to_every_page():
    for language in LANGUAGES:
        linked = {target[:-3] for target in targets(language, "index", "link_open", "href")}
        assert linked == pages.slugs() - {"index"}


def test_pictures_are_small_and_used():
    files = [path for path in (FOLDER / "pictures").rglob("*") if path.is_file()]
    used = {
        (FOLDER / language / source).resolve()
        for language, slug in EVERY_PAGE
        for source in targets(language, slug, "image", "src")
    }
    assert {path.resolve() for path in files} == used
    assert len(files) <= 12 and sum(path.stat().st_size for path in files) <= 600_000


@pytest.mark.parametrize("language, slug", EVERY_PAGE)
def test_pages_have_a_title_and_nothing_that_the_policy_refuses(language, slug):
    with override(language):
        page = pages.find(slug)
    assert page.title and page.title not in page.html
    assert not re.search(r"<script|<h1|style=|\son\w+=|javascript:|\.md\b", page.html)
    for source in re.findall(r'<img src="/static/([^"]+)"', page.html):
        assert finders.find(source), source


def test_html_in_a_page_is_shown_as_text():
    title, html = markdown.render("# A & B\n\n<script>alert(1)</script> [x](javascript:alert(1))\n")
    assert title == "A & B"
    assert "<script" not in html and "&lt;script&gt;" in html and "href" not in html


def test_members_read_it_in_their_language(acme, rita, as_user):
    client = as_user(rita)
    User.objects.filter(pk=rita.pk).update(language="fr")
    page = client.get("/help/import/").content.decode()
    assert "Importer des contacts" in page and 'href="/help/rejected/"' in page
    User.objects.filter(pk=rita.pk).update(language="en")
    index = client.get("/help/").content.decode()
    assert "Import contacts" in index and 'href="/help/import/"' in index
    assert 'href="/help/"' in client.get("/w/acme/campaigns/").content.decode()


def test_unknown_pages_and_strangers(db, acme, rita, as_user, client):
    assert as_user(rita).get("/help/no-such-page/").status_code == 404
    assert as_user(rita).get("/help/..%2F..%2Fwords/").status_code == 404
    answer = client.get("/help/import/")
    assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")


def test_links_from_the_pages_lead_to_pages_of_the_manual():
    found = set()
    for path in settings.BASE_DIR.glob("templates/**/*.html"):
        found |= set(re.findall(r'<c-help page="([^"]+)"', path.read_text()))
    assert found and found <= pages.slugs()
