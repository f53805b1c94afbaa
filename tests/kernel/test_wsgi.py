"""Requests that name no page."""

import pytest
from django.test import RequestFactory

from kernel.wsgi import Handler


@pytest.mark.parametrize("method, path", [("OPTIONS", "*"), ("CONNECT", "evil.example:80"), ("GET", "no-slash")])
def test_what_names_no_page_is_refused_and_no_failure_of_ours(method, path):
    answer = []
    environ = RequestFactory().generic(method, "/").environ | {"PATH_INFO": path}
    list(Handler()(environ, lambda status, headers: answer.append(status)))
    assert answer == ["400 Bad Request"]
