"""AWS Signature Version 4, for requests whose whole body is known.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html. Tested against AWS's
published test suite (aws-sig-v4-test-suite).
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"


def signed_headers(
    method: str,
    url: str,
    headers: dict[str, str],
    body: bytes,
    at: datetime,
    place: tuple[str, str],
    key_id: str,
    key: str,
) -> dict[str, str]:
    """Return `headers` with Authorization and X-Amz-Date. `at` is in UTC, `place` is (region, service). The URL must
    have no query, and a path that needs no quoting."""
    where = urlsplit(url)
    stamp = at.strftime("%Y%m%dT%H%M%SZ")
    headers = {**headers, "X-Amz-Date": stamp}
    values = {"host": where.netloc} | {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    names = ";".join(sorted(values))
    canonical = "\n".join(
        [
            method,
            where.path or "/",
            "",
            *(f"{name}:{values[name]}" for name in sorted(values)),
            "",
            names,
            hashlib.sha256(body).hexdigest(),
        ]
    )
    scope = f"{stamp[:8]}/{place[0]}/{place[1]}/aws4_request"
    to_sign = f"{ALGORITHM}\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = _hmac(_signing_key(key, stamp[:8], *place), to_sign).hex()
    headers["Authorization"] = f"{ALGORITHM} Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    return headers


@lru_cache(maxsize=64)
def _signing_key(key: str, day: str, region: str, service: str) -> bytes:
    """The signing key of a day, region and service; cached."""
    made = _hmac(b"AWS4" + key.encode(), day)
    for word in (region, service, "aws4_request"):
        made = _hmac(made, word)
    return made


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
