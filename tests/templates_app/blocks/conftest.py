import pytest

from kernel.tenancy import scope
from templates_app.models import MessageTemplate


@pytest.fixture
def template(acme, bob, as_user) -> MessageTemplate:
    as_user(bob).post("/w/acme/templates/new/blocks/")
    with scope(acme):
        return MessageTemplate.objects.get()


@pytest.fixture
def client(bob, as_user):
    return as_user(bob)
