import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kernel import jobs
from kernel.tenancy import scope
from templates_app.models import Brand
from templates_app.pictures import uploading
from tests.markup import fields_of
from tests.templates_app.pictures.drawn import photo

BRAND = "/w/acme/templates/brand/"


@pytest.fixture
def logo(acme, bob):
    """A picture of acme's library, 480 × 96."""
    with uploading.received(acme, SimpleUploadedFile("logo.jpg", photo(480, 96)), bob) as picture:
        pass
    return picture


@pytest.fixture
def save(bob, as_user):
    """save(main="#a8492a", ...) as bob does it on the page; the answer."""
    client = as_user(bob)

    def post(**values):
        given = fields_of(client.get(BRAND)) | {name: str(value) for name, value in values.items()}
        return client.post(f"{BRAND}save/", given, follow=True)

    return post


@pytest.fixture
def brand_of():
    def stored(workspace) -> Brand:
        with scope(workspace):
            return Brand.of_workspace()

    return stored


@pytest.fixture
def follow(acme):
    """Let acme's templates follow the brand, as the job does."""

    def run() -> None:
        jobs.run("templates_app.follow_brand", acme.pk, {})

    return run
