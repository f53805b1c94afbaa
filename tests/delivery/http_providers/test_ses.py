"""What only Amazon SES has: signatures, named errors, configuration sets."""

from datetime import UTC, datetime

import pytest

from delivery.channels.base import Result
from delivery.providers.ses.signing import signed_headers
from tests.delivery import http
from tests.delivery.http_providers.sending import deliver, message, send


@pytest.mark.parametrize("slug", ["ses"], indirect=True)
def test_a_configuration_set_is_named_where_there_is_one(server):
    deliver("ses", [message("who")], configuration_set="news")
    assert server.seen[0].json["ConfigurationSetName"] == "news"


@pytest.mark.parametrize(
    "method, headers, body, signature",
    [
        ("GET", {}, b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        (
            "POST",
            {"Content-Type": "application/x-www-form-urlencoded"},
            b"Param1=value1",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
    ],
)
def test_requests_are_signed_as_aws_shows(method, headers, body, signature):
    """aws-sig-v4-test-suite: get-vanilla and post-x-www-form-urlencoded."""
    key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    at, place = datetime(2015, 8, 30, 12, 36, tzinfo=UTC), ("us-east-1", "service")
    signed = signed_headers(method, "https://example.amazonaws.com/", headers, body, at, place, "AKIDEXAMPLE", key)
    assert signed["Authorization"].endswith(f"Signature={signature}")


@pytest.mark.parametrize("slug", ["ses"], indirect=True)
@pytest.mark.parametrize(
    "status, kind, words, wait",
    [
        (429, "TooManyRequestsException", "Maximum sending rate exceeded.", 1),
        (400, "ThrottlingException", "Daily message quota exceeded", 10),
        (400, "LimitExceededException", "Rate exceeded", 10),
        (503, "ThrottlingException", "Rate exceeded", 10),
        (400, "SendingPausedException", "paused", None),
        (400, "AccountSuspendedException", "suspended", None),
        (403, "SignatureDoesNotMatch", "the signature", None),
    ],
)
def test_ses_names_its_errors(server, status, kind, words, wait):
    outcome, outbox = send(server, http.refused("ses", status, words, kind))
    assert outcome.result is Result.NOT_STARTED
    assert outbox.problem.wait == wait
    assert outbox.problem.limit == (86400 if "Daily" in words else None)


@pytest.mark.parametrize("slug", ["ses"], indirect=True)
@pytest.mark.parametrize("kind", ["MessageRejected", "BadRequestException"])
def test_ses_refusals_of_one_message_stop_nothing(server, kind):
    outcome, outbox = send(server, http.refused("ses", 400, "no", kind))
    assert (outcome.result, outcome.reason) == (Result.REFUSED, "policy") and outbox.problem is None
