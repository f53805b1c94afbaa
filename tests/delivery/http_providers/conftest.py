import pytest

from tests.delivery import http
from tests.delivery.http_providers.sending import SLUGS


@pytest.fixture(params=SLUGS)
def slug(request):
    return request.param


@pytest.fixture
def impatient(server, settings):
    """For tests in which the provider never answers: it hangs for 30 s."""
    settings.HTTP_TIMEOUT = 1.5


@pytest.fixture
def server(slug, settings):
    with http.serving(slug) as server:
        settings.PROVIDER_BASE_URLS = {slug: server.base}
        # A busy machine answers late. Tests of a provider that hangs are `impatient`.
        settings.HTTP_TIMEOUT, settings.BREVO_REPEATS = 20, True
        yield server
