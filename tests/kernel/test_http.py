"""The address that a request came from, with and without proxies."""

import pytest
from django.test import RequestFactory

from kernel.http import client_address


@pytest.mark.parametrize(
    "proxies, forwarded, address",
    [
        (0, "6.6.6.6", "127.0.0.1"),
        (1, "9.9.9.9", "9.9.9.9"),
        (1, "6.6.6.6, 9.9.9.9", "9.9.9.9"),
        (2, "6.6.6.6, 9.9.9.9, 10.0.0.1", "9.9.9.9"),
        (2, "9.9.9.9", "127.0.0.1"),
        (1, "<script>", "127.0.0.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_only_what_trusted_proxies_wrote_counts(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", headers={"x-forwarded-for": forwarded} if forwarded else None)
    assert client_address(request) == address
