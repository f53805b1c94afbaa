"""rspamd, by HTTP: POST /checkv2 with the message as its body (https://docs.rspamd.com/developers/protocol/)."""

from __future__ import annotations

import http.client
import json

from delivery.spam_filters.verdict import MOST, NoAnswer, Verdict, connected, verdict

PORT = 11333


def ask(host: str, port: int, source: bytes, *, sender: str, recipient: str) -> Verdict:
    """Raises NoAnswer."""
    headers = {"From": sender, "Rcpt": recipient, "Connection": "close"}
    with connected(host, port) as made:
        connection = http.client.HTTPConnection(host, port)
        connection.sock = made
        try:
            connection.request("POST", "/checkv2", body=source, headers=headers)
            answer = connection.getresponse()
            data = answer.read(MOST + 1)
        except http.client.HTTPException:
            raise NoAnswer from None
        if answer.status != 200 or len(data) > MOST:
            raise NoAnswer
        return _read(json.loads(data))


def _read(said: object) -> Verdict:
    if not isinstance(said, dict) or not isinstance(said.get("symbols", {}), dict):
        raise NoAnswer
    symbols = [one for one in said.get("symbols", {}).values() if isinstance(one, dict)]
    rules = [(one.get("name"), one.get("score", 0), one.get("description")) for one in symbols]
    return verdict(said.get("score"), said.get("required_score"), rules)
