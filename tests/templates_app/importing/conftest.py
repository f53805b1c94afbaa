import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kernel.tenancy import scope
from templates_app.models import MessageTemplate

IMPORT = "/w/acme/templates/new/import/"


def zipped(files: dict[str, bytes], **options) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()


@pytest.fixture
def give(acme, bob, as_user):
    """give(text) pastes, give(data, "name.zip") uploads. Returns the page that follows."""
    client = as_user(bob)

    def post(given, file: str = "", name: str = ""):
        sent = {"file": SimpleUploadedFile(file, given)} if file else {"text": given}
        return client.post(IMPORT, sent | {"name": name}, follow=True)

    post.client = client
    return post


@pytest.fixture
def stored(acme):
    """stored() has the workspace's templates, oldest first."""

    def read() -> list[MessageTemplate]:
        with scope(acme):
            return list(MessageTemplate.objects.order_by("pk"))

    return read
