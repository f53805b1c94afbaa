"""Generated requests to one address: odd values under the names that its view asks for."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.utils.datastructures import MultiValueDict

from tests.odd_input import values

BOUNDARY = "odd-input"


class Names(set):
    """The names under which the code looked into query strings and forms."""

    @contextmanager
    def recorded(self) -> Iterator[None]:
        """While this is active, add every name that is asked for."""
        originals = {name: getattr(MultiValueDict, name) for name in ("get", "getlist", "__getitem__", "__contains__")}

        def recording(original):
            def method(data, name, *args, **kwargs):
                if isinstance(name, str):
                    self.add(name)
                return original(data, name, *args, **kwargs)

            return method

        originals["__contains__"] = dict.__contains__
        for name, original in originals.items():
            setattr(MultiValueDict, name, recording(original))
        try:
            yield
        finally:
            for name, original in originals.items():
                if name == "__contains__":
                    del MultiValueDict.__contains__
                else:
                    setattr(MultiValueDict, name, original)


class Fields(HTMLParser):
    """The fields of a page's forms, with their present and possible values."""

    def __init__(self) -> None:
        super().__init__()
        self.present: list[tuple[str, str]] = []
        self.possible: dict[str, list[str]] = {}
        self.files: set[str] = set()
        self._select = ""

    def handle_starttag(self, tag: str, attributes: list) -> None:
        given = dict(attributes)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            self._offer(self._select, value, "selected" in given)
        elif tag == "input" and given.get("type") == "file":
            self.files.add(name)
        elif tag in ("input", "button", "textarea") and name:
            choice = given.get("type") in ("checkbox", "radio", "submit") or tag == "button"
            self._offer(name, value or ("on" if choice else ""), not choice or "checked" in given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""

    def _offer(self, name: str, value: str, present: bool) -> None:
        self.possible.setdefault(name, []).append(value)
        if present:
            self.present.append((name, value))


@dataclass
class Request:
    """What one request sends. `query` and `body` are as they go over the wire."""

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    content_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    cookie: str = ""

    def __str__(self) -> str:
        extra = {**self.headers, **({"cookie": self.cookie} if self.cookie else {})}
        body = f" [{self.content_type}] {self.body[:300]!r}" if self.body else ""
        return f"{self.method} {self.path[:200]}?{self.query[:300]} {extra or ''}{body}"


class Generator:
    """Makes the requests of one address; the same ones in every run."""

    def __init__(self, pattern: str, ids: list[int]):
        self._rng = random.Random(pattern)
        self._ids = ids
        self.names = Names()
        self.fields = Fields()

    def request(self, path: str) -> Request:
        """The next request to this path."""
        rng = self._rng
        method = rng.choices(["GET", "POST", "HEAD", "PUT", "OPTIONS"], [45, 48, 2, 3, 2])[0]
        made = Request(method, path, query=self._query() if method != "POST" or rng.random() < 0.3 else "")
        if method in ("POST", "PUT"):
            self._fill(made)
        if rng.random() < 0.3:
            made.headers["HX-Request"] = "true"
        if rng.random() < 0.12:
            made.headers |= self._odd_header()
        if rng.random() < 0.03:
            name = rng.choice(["session", "csrf", "django_language", "messages", "x"])
            made.cookie = (
                f"{name}={rng.choice(['', 'fr', 'a' * 50, 'é', chr(34) + 'abcdefgh' + chr(92) + '000' + chr(34)])}"
            )
        return made

    def _pairs(self) -> list[tuple[str, bytes]]:
        rng = self._rng
        known = sorted(self.names | self.fields.possible.keys()) or [""]
        pairs = []
        if rng.random() < 0.7:
            pairs = [(name, value.encode()) for name, value in self.fields.present if rng.random() < 0.97]
        for _n in range(rng.choice([0, 1, 1, 1, 2, 3, 6])):
            name = rng.choice(known) if rng.random() < 0.92 else rng.choice(values.NAMES)
            offered = self.fields.possible.get(name)
            odd = rng.choice(offered).encode() if offered and rng.random() < 0.3 else values.value(rng, self._ids)
            if rng.random() < 0.75:
                pairs = [pair for pair in pairs if pair[0] != name]
            pairs.append((name, odd))
        if rng.random() < 0.1:
            pairs *= 2
        return pairs

    def _query(self) -> str:
        roll = self._rng.random()
        if roll < 0.05:
            return self._rng.choice(
                ["&&&=", "%", "%zz", "=", "?" * 20, "a=1;b=2", "%00", "q=%00", "&" * 500, "q[]=1&q[a]=2"]
            )
        return values.urlencoded(self._pairs())

    def _fill(self, made: Request) -> None:
        rng = self._rng
        roll = rng.random()
        if roll < 0.55 and not (self.fields.files and roll < 0.35):
            made.body = values.urlencoded(self._pairs()).encode()
            made.content_type = "application/x-www-form-urlencoded"
            if rng.random() < 0.05:
                made.content_type += "; charset=" + rng.choice(values.CHARSETS)
        elif roll < 0.9:
            made.body = self._multipart()
            made.content_type = f"multipart/form-data; boundary={BOUNDARY}"
            if rng.random() < 0.05:
                made.content_type += "; charset=" + rng.choice(values.CHARSETS)
        else:
            made.body = values.value(rng, self._ids)
            made.content_type = rng.choice(
                [
                    "application/json",
                    "text/plain",
                    "",
                    "multipart/form-data",
                    "application/x-www-form-urlencoded",
                    "é/x",
                ]
            )

    def _multipart(self) -> bytes:
        rng = self._rng
        parts = []
        for name, value in self._pairs():
            parts.append((name, None, value))
        for name in sorted(self.fields.files) or (["file"] if rng.random() < 0.2 else []):
            file_name = rng.choice(
                ["a.csv", "a.xlsx", "a.txt", "a.html", "", "\0.csv", "é.csv", "../../a.csv", "a" * 400 + ".csv"]
            )
            parts.append((name, file_name, self._file()))
        body = b""
        for name, file_name, value in parts:
            quoted = name.replace('"', "%22").replace("\n", " ").replace("\r", " ")
            head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{quoted}"'
            if file_name is not None:
                head += f'; filename="{file_name}"\r\nContent-Type: {rng.choice(["text/csv", "x", "text/plain; charset=hex"])}'
            body += head.encode("utf-8", "surrogatepass") + b"\r\n\r\n" + value + b"\r\n"
        return body + (f"--{BOUNDARY}--\r\n".encode() if rng.random() < 0.95 else b"--odd")

    def _file(self) -> bytes:
        rng = self._rng
        rows = [["email", "first_name", "x"]]
        rows += [[f"p{n}@example.com", "P", ""] for n in range(3)]
        text = "\n".join(",".join(row) for row in rows).encode()
        odd = values.value(rng, self._ids)
        return rng.choice(
            [text, text + b"\n" + odd + b",x,y", odd, b"", b"PK\x03\x04" + odd, text.replace(b"P", odd), b"\0" * 99]
        )

    def _odd_header(self) -> dict[str, str]:
        rng = self._rng
        name = rng.choice(
            [
                *("Accept-Language", "Referer", "User-Agent", "X-Forwarded-For", "Content-Length", "Accept", "Origin"),
                *("If-None-Match", "If-Modified-Since", "Range", "HX-Current-URL", "HX-Target", "Content-Type"),
            ]
        )
        if name == "Content-Type":
            return {name: "text/html; charset=" + rng.choice(values.CHARSETS)}
        odd = [
            "",
            "²",
            "-1",
            "a" * 3000,
            "\x80\xff",
            "http://[",
            "fr;q=x",
            "fr-" + "a" * 500,
            "::1%a",
            "999.1.1.1",
            "bytes=-",
        ]
        return {name: rng.choice(odd)}
