import pytest

from kernel.tenancy import scope
from templates_app.models import MessageTemplate, Picture
from templates_app.pictures import uploading
from tests.templates_app.pictures.drawn import photo, upload

WORKSPACE = "/w/acme/templates"


@pytest.fixture
def add(acme, bob):
    """add(name) is a picture of acme's library: a still of 640 × 480, another one for each name."""
    made = []

    def add_one(name: str = "wool.jpg", data: bytes | None = None, workspace=acme) -> Picture:
        made.append(name)
        data = data if data is not None else photo(640 + len(made), 480)
        with uploading.received(workspace, upload(data, name), bob) as picture:
            pass
        return picture

    return add_one


@pytest.fixture
def template(acme):
    """template(name, picture, ...) shows these pictures."""

    def make(name: str, *pictures: Picture) -> MessageTemplate:
        with scope(acme):
            shown = "".join(f'<img src="{picture.address_for(600)}" width="600" alt="">' for picture in pictures)
            return MessageTemplate.objects.create(name=name, html=f"<p>Hello</p>{shown}")

    return make
