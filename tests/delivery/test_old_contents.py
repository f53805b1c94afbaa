"""Batches from before contents were rows of their own: what they hold is moved, and they go on."""

import importlib
import json
from types import SimpleNamespace

import pytest
from django.db import connections, transaction

from campaigns import sending
from delivery.channels.email import composing
from delivery.models import Batch
from kernel.tenancy import scope
from templates_app.models import Content
from tests import factories

migration = importlib.import_module("delivery.migrations.0006_move_contents")
OLD = {
    "subject": "Hi",
    "html": '<p>Hi <a href="{{ fanfare_click }}0/">x</a><img src="{{ fanfare_open }}"></p>',
    "text": "Hi",
    "preheader": "Look",
    "from_name": "Ana",
    "from_email": "ana@acme.example",
    "reply_to": "",
    "postal_address": "Lyon",
    "tracks_opens": True,
    "list_name": "Acme",
    "to": "",
    "as_contact": None,
}


@pytest.fixture
def old(acme):
    """Two batches with the same content, and one that can't be read, as the old column had them."""
    with scope(acme):
        factories.contacts(1)
        batches = [sending.start(factories.campaign().pk).first_batch for _ in range(3)]
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE delivery_batch ADD COLUMN content jsonb")
        cursor.execute(
            "UPDATE delivery_batch SET content_id = NULL, parameters = '{}', content = %s", [json.dumps(OLD)]
        )
        cursor.execute("UPDATE delivery_batch SET content = '{\"nonsense\": 1}' WHERE id = %s", [batches[2].pk])
    yield [batch.pk for batch in batches]
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE delivery_batch DROP COLUMN content")


def move(function):
    with transaction.atomic("owner"):
        function(None, SimpleNamespace(connection=connections["owner"]))


def test_old_batches_point_at_their_content_and_can_be_composed_as_before(acme, old):
    move(migration.move)
    with scope(acme):
        first, second, broken = Batch.objects.filter(pk__in=old).select_related("content").order_by("pk")
        assert first.content == second.content and broken.content is None
        assert Content.objects.filter(body__has_key="is_prepared").count() == 1
        assert "html" not in first.parameters and first.parameters["from_email"] == "ana@acme.example"
        content = composing.Content.of(first).prepared(is_tracked=True)
        assert content.html == OLD["html"]  # neither counted links nor pixel twice
        with pytest.raises(TypeError):
            composing.Content.of(broken)


def test_the_way_back_gives_the_old_column_again(acme, old):
    move(migration.move)
    move(migration.move_back)
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT content FROM delivery_batch WHERE id = %s", [old[0]])
        assert json.loads(cursor.fetchone()[0]) == OLD
