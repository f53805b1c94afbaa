"""Requests wait for no other server while a transaction is open: what the suite's guard notices, and what it lets be."""

import socket

import pytest
from django.core.handlers.base import BaseHandler
from django.http import HttpResponse
from django.test import RequestFactory

from accounts import emails
from kernel.tenancy import scope


@pytest.fixture
def noticed(network_calls):
    """noticed(view) answers a request with it, and returns the network calls that it made in a transaction."""

    def answer(view) -> list[str]:
        handler = BaseHandler()
        handler._middleware_chain = view
        handler.get_response(RequestFactory().get("/"))
        calls = list(network_calls)
        network_calls.clear()
        return calls

    return answer


def look_up(_request) -> HttpResponse:
    socket.getaddrinfo("localhost", 25)
    return HttpResponse()


def test_a_call_in_a_requests_transaction_is_noticed(acme, noticed):
    def within(request):
        with scope(acme):
            return look_up(request)

    assert noticed(within) == ["getaddrinfo"]
    assert noticed(look_up) == []


def test_a_connection_in_a_requests_transaction_is_noticed(acme, noticed):
    def within(request):
        with scope(acme), pytest.raises(OSError, match=r"."), socket.socket() as client:
            client.connect(("127.0.0.1", 1))
        return HttpResponse()

    assert noticed(within) == ["connect"]


def test_the_products_mails_leave_after_the_transaction(acme, noticed):
    def within(request):
        with scope(acme):
            emails.ask_tester(acme, "Bob", "https://fanfare.example/x", to="t@example.com")
        return HttpResponse()

    assert noticed(within) == []
