"""Contents: one row for the same content, never changed, deleted when nothing points at it."""

import importlib
import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from campaigns import sending
from kernel.tenancy import across_workspaces, scope
from templates_app import contents
from templates_app.message_links import counted_links
from templates_app.models import Content, ContentLink, TemplateVersion
from tests import factories

BODY = {"subject": "Hi", "preheader": "", "html": "<p>Hi</p>", "text": "Hi"}


def keep(**changes):
    body = BODY | changes
    return contents.keep(channel="email", kind="html", body=body, links=lambda: counted_links(body["html"]))


def test_the_same_content_is_one_row(acme, beta):
    with scope(acme):
        first, again, different = keep(), keep(), keep(subject="Hello")
        french = contents.keep(channel="email", kind="html", body=BODY, language="fr")
        assert first.pk == again.pk and len({first.pk, different.pk, french.pk}) == 3
        assert Content.objects.get(pk=first.pk).body == BODY
    with scope(beta):
        assert keep().pk != first.pk


def test_the_name_does_not_depend_on_the_order_of_the_parts():
    turned = dict(reversed(BODY.items()))
    assert contents.name_of("email", "html", "", BODY) == contents.name_of("email", "html", "", turned)


def test_a_content_is_never_changed(acme):
    with scope(acme):
        content = keep()
        with pytest.raises(TypeError):
            content.save()
        with pytest.raises(IntegrityError, match="immutable"), transaction.atomic():
            Content.objects.filter(pk=content.pk).update(body={})
        assert Content.objects.get().body == BODY


def test_two_that_keep_the_same_at_once_write_one_row(acme):
    found = []

    def work():
        with scope(acme):
            found.append(keep().pk)
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and len(set(found)) == 1


def make_old():
    """As if all contents had been written long ago. Only the owner can, past the trigger."""
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE templates_app_content DISABLE TRIGGER content_is_immutable")
        cursor.execute(
            "UPDATE templates_app_content SET created_at = %s", [timezone.now() - timedelta(days=contents.DAYS + 1)]
        )
        cursor.execute("ALTER TABLE templates_app_content ENABLE TRIGGER content_is_immutable")


def test_what_nothing_points_at_is_deleted_after_some_days(acme):
    with scope(acme):
        factories.contacts(1)
        sent = sending.start(factories.campaign().pk).first_batch.content
        used = {sent, TemplateVersion.objects.get().content}
        keep()
    assert contents.prune()
    with scope(acme):
        assert Content.objects.count() == 3  # all are young
    make_old()
    assert contents.prune()
    with scope(acme):
        assert set(Content.objects.all()) == used


def test_one_that_is_being_used_is_not_deleted(acme):
    with scope(acme):
        keep()
    make_old()
    with scope(acme):  # its transaction is about to point at it
        content = keep()
        assert contents.prune()
        assert Content.objects.filter(pk=content.pk).exists()


def test_each_link_has_its_position_and_what_a_reader_sees_of_it(acme):
    html = (
        '<a href="https://a.example/">Shop <b>now</b></a><a href="mailto:x@y.example">mail</a>'
        '<a href="https://a.example/"><img src="https://i.example/x.png" alt="The shop"></a>'
        '<a href="https://b.example/?e={{ email }}">Hello {{ first_name }}</a>'
    )
    with scope(acme):
        links = list(keep(html=html).links.values_list("position", "target", "prefix", "label"))
    assert links == [
        (0, "https://a.example/", "", "Shop now"),
        (1, "https://a.example/", "", "The shop"),
        (2, "https://b.example/?e={{ email }}", "https://b.example/?e=", "Hello {{ first_name }}"),
    ]


def test_links_of_older_contents_are_written_once(acme):
    with scope(acme):
        content = keep(html='<a href="https://a.example/">x</a>')
        ContentLink.objects.all().delete()
    migration = importlib.import_module("templates_app.migrations.0005_links_of_contents")
    for _ in range(2):
        with transaction.atomic("owner"), across_workspaces("as a migration"):
            migration.write_links(apps, SimpleNamespace(connection=connections["owner"]))
    with scope(acme):
        assert content.links.get().target == "https://a.example/"
