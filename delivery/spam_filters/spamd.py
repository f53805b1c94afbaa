"""SpamAssassin's spamd, by its protocol SPAMC/1.5: REPORT gives the points and a table of the rules."""

from __future__ import annotations

import re
import socket

from delivery.spam_filters.verdict import MOST, NoAnswer, Verdict, connected, verdict

PORT = 783
_SPAM = re.compile(r"^Spam:\s*\w+\s*;\s*(-?[\d.]+)\s*/\s*(-?[\d.]+)\s*$", re.MULTILINE)
_RULE = re.compile(r"^\s{0,3}(-?\d{1,4}(?:\.\d+)?)\s+([A-Z][A-Z0-9_]+)\s+(.*)$")
_MORE = re.compile(r"^\s{20,}(\S.*)$")


def ask(host: str, port: int, source: bytes, *, sender: str, recipient: str) -> Verdict:
    """Raises NoAnswer."""
    head = f"REPORT SPAMC/1.5\r\nContent-length: {len(source)}\r\n\r\n"
    with connected(host, port) as made:
        made.sendall(head.encode() + source)
        made.shutdown(socket.SHUT_WR)
        said = _whole(made).decode("utf-8", "replace").replace("\r\n", "\n")
    heads, _blank, report = said.partition("\n\n")
    points = _SPAM.search(heads)
    if not heads.startswith("SPAMD/") or points is None:
        raise NoAnswer
    return verdict(points[1], points[2], _rules(report))


def _whole(made: socket.socket) -> bytes:
    data = bytearray()
    while chunk := made.recv(65536):
        data += chunk
        if len(data) > MOST:
            raise NoAnswer
    return bytes(data)


def _rules(report: str) -> list[tuple[object, object, object]]:
    """(name, points, words) of each line of the table; its words may go on in the next lines."""
    found: list[list[str]] = []
    for line in report.split("\n")[:2000]:
        if rule := _RULE.match(line):
            found.append([rule[2], rule[1], rule[3]])
        elif found and (more := _MORE.match(line)):
            found[-1][2] += f" {more[1]}"
    return [(name, points, words) for name, points, words in found]
