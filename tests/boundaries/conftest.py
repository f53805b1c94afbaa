"""The demo workspace, with a row of every kind and a word in each that nobody else may see."""

import pytest
from django.db import connections

from campaigns.models import Campaign
from contacts.models import Company, Contact, ContactField, ContactList, Note, Segment, Tag, Topic
from delivery.models import Sender
from kernel.tenancy import scope
from templates_app.models import MessageTemplate
from tests.conftest import emptied_afterwards, make_user, make_workspace
from tests.odd_input import world

SECRET = "zyzzyva"


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), emptied_afterwards():
        built = world.build()
        with scope(built.workspace):
            for model in (Company, ContactList, Segment, Tag, Topic, Campaign, MessageTemplate, Sender):
                for row in model.objects.all():
                    model.objects.filter(pk=row.pk).update(name=f"{SECRET} {row.pk}")
            Contact.objects.update(first_name=SECRET, last_name=SECRET)
            ContactField.objects.update(label=SECRET)
            Note.objects.update(text=SECRET)
        yield built


@pytest.fixture(scope="module")
def mallory(demo):
    """A stranger to the demo, who owns a workspace of their own."""
    user = make_user("mallory@evil.example", "Mallory")
    make_workspace("Evil", user)
    return user


def contents(workspace_id: int) -> dict[str, str]:
    """A checksum of all rows of a workspace, by table."""
    with connections["engine"].cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND column_name = 'workspace_id' ORDER BY 1"
        )
        tables = [name for (name,) in cursor.fetchall()]
        found = {}
        for table in tables:
            cursor.execute(
                f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{table}" t WHERE workspace_id = %s',
                [workspace_id],
            )
            found[table] = cursor.fetchone()[0]
    return found
