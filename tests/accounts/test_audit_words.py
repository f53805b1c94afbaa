"""The audit log says what somebody did, in the reader's language: no verb is without a sentence."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.functional import Promise

from accounts.access import PERMISSIONS
from accounts.audit_words import DEEDS
from accounts.models import AuditEntry
from contacts.models import BulkAction, Contact, ContactField, Tag
from kernel import trash
from kernel.tenancy import scope
from tests.markup import flat

ROOT = Path(__file__).resolve().parents[2]
APPS = ["accounts", "billing", "contacts", "templates_app", "delivery", "campaigns", "analytics", "adminpanel"]
FILES = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]


def verbs():
    """Constants of the code that look like a verb of something that the audit log knows, and the arguments of record()."""
    nouns = {verb.partition(".")[0] for verb in DEEDS.names()}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            texts = []
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("audit.record", "discard_on_page"):
                texts = [
                    one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)
                ]
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "views" in path.parts:
                texts = [node.value] if node.value.partition(".")[0] in nouns else []
            yield from (text for text in texts if re.fullmatch(r"[a-z]+\.[a-z_]+", text))
    yield from (f"bulk.{verb}" for verb in BulkAction.Verb.values if verb != BulkAction.Verb.MERGE_TAG)
    yield from (f"{noun}.restored" for noun in trash.KINDS.names())


def test_every_verb_has_a_sentence():
    jobs = {name for path in FILES for name in re.findall(r'enqueue\(\s*"([a-z_.]+)"', path.read_text())}
    found = set(verbs()) - set(PERMISSIONS) - jobs
    assert len(found) > 60 and found - set(DEEDS.names()) == set()


def test_every_sentence_is_one_in_french_too():
    english = {verb: str(text) for verb, text in DEEDS.items()}
    with translation.override("fr"):
        french = {verb: str(text) for verb, text in DEEDS.items()}
    assert not [verb for verb in english if english[verb] == french[verb] or not french[verb]]


@pytest.mark.parametrize("language, words", [("en", "Cancelled a campaign"), ("fr", "A annulé une campagne")])
def test_the_page_says_it_and_finds_by_it(acme, alice, as_user, language, words):
    type(alice).objects.filter(pk=alice.pk).update(language=language)
    with scope(acme):
        AuditEntry.objects.create(actor=alice, verb="campaign.cancelled")
        AuditEntry.objects.create(actor=alice, verb="tag.created")
    page = as_user(alice).get("/w/acme/audit/?verb=campaign.cancelled").content.decode()
    assert f"<td>{words}</td>" in page and page.count("<td>") == 1


def test_a_record_is_named_in_the_readers_language():
    with translation.override("fr"):
        assert AuditEntry(record="provideraccount", record_id=3).what == "Compte d’envoi 3"
        assert AuditEntry(record="gone", record_id=3).what == "Gone 3"
        assert AuditEntry().what == ""


RECORDED = ["invitation", "bulkaction", "note", "blockeddomain", "tester", "suppression", "contactimport"]


@pytest.mark.parametrize("kind", [*RECORDED, *(kind.model._meta.model_name for kind in trash.KINDS)])
def test_a_kind_has_words_of_its_own(kind):
    model = next(model for model in apps.get_models() if model._meta.model_name == kind)
    assert isinstance(model._meta.verbose_name, Promise), "Django's words for a class are English"


def audit_page(workspace, client, *records) -> str:
    with scope(workspace):
        AuditEntry.objects.bulk_create(
            AuditEntry(verb="tag.created", record=record._meta.model_name, record_id=record.pk) for record in records
        )
    return flat(client.get("/w/acme/audit/").content.decode())


def test_a_record_is_called_by_its_name_while_it_has_one(acme, beta, alice, as_user):
    type(alice).objects.filter(pk=alice.pk).update(language="fr")
    with scope(beta):
        theirs = Tag.objects.create(name="Secret")
    with scope(acme):
        deleted, gone = Tag.objects.create(name="<b>VIP</b>"), Tag.objects.create(name="Gone")
        own = ContactField.objects.create(name="city", label="Ville")
        named = Contact.objects.create(first_name="Ana", last_name="Roy", email="secret@example.com")
        nameless = Contact.objects.create(email="secret@example.org")
        deleted.discard()
    number = gone.pk
    with scope(acme):
        gone.delete()
        gone.pk = number
    page = audit_page(acme, as_user(alice), deleted, gone, own, named, nameless, theirs)
    for words in (
        "Étiquette « &lt;b&gt;VIP&lt;/b&gt; »",
        f"{number}</td>",
        "Champ de contact « Ville »",
        "Contact « Ana Roy »",
        f"Contact {nameless.pk}",
    ):
        assert words in page, words
    assert "Secret" not in page and "secret@" not in page and "<b>VIP" not in page


def test_names_are_asked_for_once_a_kind(acme, alice, as_user):
    client = as_user(alice)
    with scope(acme):
        tags = [Tag.objects.create(name=f"tag {n}") for n in range(30)]
    with CaptureQueriesContext(connection) as few:
        audit_page(acme, client, tags[0])
    with CaptureQueriesContext(connection) as many:
        assert "tag 29" in audit_page(acme, client, *tags)
    assert len(many) == len(few)
