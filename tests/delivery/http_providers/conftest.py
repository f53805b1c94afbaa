import pytest

from tests.delivery import http
from tests.delivery.http_providers.sending import SLUGS


@pytest.fixture(params=SLUGS)
def slug(request):
    return request.param


@pytest.fixture
def server(slug, settings):
    with http.serving(slug) as server:
        settings.PROVIDER_BASE_URLS = {slug: server.base}
        settings.HTTP_TIMEOUT, settings.BREVO_REPEATS = 0.6, True
        yield server
