"""Contents: one row for the same content, never changed, deleted when nothing points at it."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from campaigns import sending
from kernel.tenancy import scope
from templates_app import contents
from templates_app.models import Content
from tests import factories

BODY = {"subject": "Hi", "preheader": "", "html": "<p>Hi</p>", "text": "Hi"}


def keep(**changes):
    return contents.keep(channel="email", kind="html", body=BODY | changes)


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
        used = sending.start(factories.campaign().pk).first_batch.content
        keep()
    assert contents.prune()
    with scope(acme):
        assert Content.objects.count() == 2  # both are young
    make_old()
    assert contents.prune()
    with scope(acme):
        assert Content.objects.get() == used


def test_one_that_is_being_used_is_not_deleted(acme):
    with scope(acme):
        keep()
    make_old()
    with scope(acme):  # its transaction is about to point at it
        content = keep()
        assert contents.prune()
        assert Content.objects.filter(pk=content.pk).exists()
