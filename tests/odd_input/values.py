"""Values that nobody types: for query strings, forms, headers, cookies and files."""

from __future__ import annotations

import base64
import json
import random
from urllib.parse import quote_from_bytes

LONG = "a" * 5000
NUMBERS = [
    *("0", "-1", "1", "2", "²", "٣", "１２", "1e9", "1.5", "0x10", "1_000", " 7 ", "+5", "NaN", "Infinity", "-0"),
    *("9" * 18, "9" * 19, "9" * 30, "9" * 5000, str(2**31), str(2**31 - 1), str(2**63), str(2**63 - 1), "-" + "9" * 19),
]
DATES = [
    *("2026-02-30", "0001-01-01", "9999-12-31", "0000-00-00", "9999-12-31T23:59:59", "0001-01-01T00:00:00+14:00"),
    *("2026-13-01T99:99", "-1-01-01", "2026-03-29T02:30", "2026-10-25T02:30", "10000-01-01", "٢٠٢٦-٠١-٠١"),
]
WORDS = [
    *("", " ", "true", "null", "None", "yes", "on", "[]", "{}", "*", "%", "_", "\\", "'", '"', "';--", "%s%(x)s{0}"),
    *("<script>alert(1)</script>", "{{ x", "{% if", "../../etc/passwd", "a\r\nb: c", "\u202eabc", "\u200d", "🏳️‍🌈" * 20),
    *(
        "\x01\x02\x1b[31m",
        "\ufeff",
        "\ufffe",
        "\U0010ffff",
        "İ" * 50,
        "ß" * 200,
        "é" * 3000,
        LONG,
        LONG * 12,
        "\n" * 3000,
    ),
]
NUL = ["\0", "a\0b", "\0" * 50]
ADDRESSES = [
    *("a@b@c", "@", "a@", "@b.example", "x@" + "a" * 300 + ".example", "x@xn--a", "x@xn--zzzz.example", "x@-.example"),
    *("a@[127.0.0.1]", "a@\u2100.example", "a@b..example", "ü@ü.example", "a" * 300 + "@b.example", "a\n@b.example"),
    *("http://[", "//", "javascript:alert(1)", "http://\u2100.example", "https://u:p@b.example:99999/", "http://[::1"),
    *(
        "+9999999999999999999999",
        "+33612345678",
        "00",
        "tel:1",
        "+٣٣٦",
        "=1+1",
        "@SUM(1)",
        "Mars/Phobos",
        "Europe/Nowhere",
    ),
    *("FR", "XX", "fr", "zz", "en-GB", "fr_FR", "é"),
]
KEYS = [
    *(
        "tag:1",
        "list:2",
        "segment:3",
        "segment:²",
        "tag:" + "9" * 30,
        "list:-1",
        ":",
        "tag:",
        "topic:1",
        "blank",
        "ids:1",
    ),
    *("failed", "retried:1", "unsubscribed", "email", "sms", "default", "or_0_1", "0.1.2", "rule-0", "0", "1.1"),
]
JSON = [
    *(
        "{",
        "[1e400]",
        '"\\ud800"',
        '{"\\u0000": 1}',
        '["\\u0000"]',
        '{"a": ' * 500,
        "[" * 3000,
        "9" * 5000,
        "NaN",
        "1",
        "[]",
    ),
    *('{"id": {"a": 1}}', '{"version": 1, "match": "all", "rules": [{"on": "email", "op": "is", "with": []}]}'),
    *('{"q": 3, "tag": "x", "status": []}', '{"type": "public-key", "id": "x", "rawId": "\\ud800", "response": {}}'),
]
#: Bytes that are no UTF-8, as they stand in an address or a form.
BROKEN = [b"\xff\xfe", b"\xed\xa0\x80", b"\xc3", b"\xf0\x9f\x92", b"\x80" * 40]
CHARSETS = ["hex", "utf-16", "utf-7", "raw_unicode_escape", "punycode", "idna", "nope", "utf-8", "latin-1", "undefined"]
NAMES = [
    "",
    "a[]",
    "__proto__",
    "x" * 1000,
    "é",
    "id",
    "next",
    "_method",
    "csrfmiddlewaretoken",
    "q",
    "page",
    "o",
    "a\0b",
]


def cursor(rng: random.Random) -> str:
    """A position in a list, as pagination and timelines write it, with odd things in it."""
    odd = [
        None,
        True,
        -1,
        2**70,
        1.5,
        "",
        "\0",
        "\ud800",
        "a" * 300,
        "0001-01-01T00:00:00+14:00",
        "9999-12-31",
        [],
        {},
        "²",
    ]
    one = rng.choice(odd)
    if rng.random() < 0.3:
        body = json.dumps({rng.choice(["consent", "note", "deed", "x"]): one})
    else:
        body = json.dumps([rng.choice([True, False, 1, "x"]), one, rng.choice([1, 2**40, 2**70, -1, *odd])])
    text = base64.urlsafe_b64encode(body.encode()).decode()
    return text if rng.random() < 0.9 else text[: rng.randrange(len(text))]


def value(rng: random.Random, ids: list[int]) -> bytes:
    """An odd value, as bytes; sometimes an ordinary one, so that views get further."""
    roll = rng.random()
    if roll < 0.15:
        return str(rng.choice(ids)).encode()
    if roll < 0.25:
        return cursor(rng).encode()
    if roll < 0.33:
        return rng.choice(BROKEN)
    kinds = [NUMBERS, NUMBERS, DATES, WORDS, WORDS, ADDRESSES, ADDRESSES, KEYS, JSON, NUL]
    text = rng.choice(rng.choice(kinds))
    return text.encode("utf-8", "surrogatepass")


def urlencoded(pairs: list[tuple[str, bytes]]) -> str:
    """The pairs as a query string or the body of a form."""
    return "&".join(f"{_quoted(name.encode('utf-8', 'surrogatepass'))}={_quoted(value)}" for name, value in pairs)


def _quoted(raw: bytes) -> str:
    return quote_from_bytes(raw, safe="")
