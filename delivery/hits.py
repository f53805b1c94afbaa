"""Opens and clicks as they come in: told apart, and appended to the spool before the visitor is answered."""

from __future__ import annotations

import ipaddress
import logging
import re
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from delivery.models.hit import HitKind, MadeBy
from kernel.bounded_cache import BoundedCache
from kernel.http import address_in
from kernel.spools import NotWritten, Row, Spool

log = logging.getLogger("fanfare.delivery")

Kind = HitKind

SPOOL = Spool(
    "delivery_incominghit",
    {
        "workspace_id": "bigint",
        "batch_id": "bigint",
        "contact_id": "bigint",
        "kind": "smallint",
        "link": "integer",
        "made_by": "smallint",
        "agent": "text",
        "network": "inet",
    },
)

# Programs that fetch every link of a mail.
SCANNER = re.compile(
    r"bot\b|crawl|spider|curl|wget|python-|go-http|java/|okhttp|headless|phantom|barracuda|proofpoint|mimecast|"
    r"ciscosecure|tmes|safelinks|linkscanner|bingpreview|slack|facebookexternalhit|whatsapp/|telegram|preview",
    re.IGNORECASE,
)
# They load images for a reader, or before there is one.
IMAGE_PROXY = re.compile(r"GoogleImageProxy|YahooMailProxy", re.IGNORECASE)

AGENT_LENGTH = 300
NETWORK_BITS = {4: 24, 6: 48}

SAME_WITHIN = 60.0  # seconds; folding asks the same of what several processes wrote
RECENT: BoundedCache[tuple, float] = BoundedCache(20_000)


class NewHit(NamedTuple):
    """A hit that counts. `same`: what it has in common with its repeats."""

    same: tuple
    row: Row


def read(environ: Mapping[str, Any], ids: tuple[int, int, int], kind: Kind, link: int | None = None) -> NewHit | None:
    """The open or click of a request. None for a HEAD, and for a repeat.

    The same hit within a minute is one: a link can be fetched without end. Repeats in one process are known here, so
    they cost nothing; `folding` finds the others.
    """
    if environ.get("REQUEST_METHOD") == "HEAD":
        return None
    agent = environ.get("HTTP_USER_AGENT", "")[:AGENT_LENGTH].replace("\0", "")
    made_by = classify(agent)
    same = (ids, kind, link, made_by)
    if time.time() - (RECENT.get(same) or 0.0) < SAME_WITHIN:
        return None
    workspace_id, batch_id, contact_id = ids
    row = {
        "workspace_id": workspace_id,
        "batch_id": batch_id,
        "contact_id": contact_id,
        "kind": int(kind),
        "link": link,
        "made_by": made_by,
        "agent": agent,
        "network": network_of(address_in(environ)),
    }
    return NewHit(same, row)


def count(environ: Mapping[str, Any], ids: tuple[int, int, int], kind: Kind, link: int | None = None) -> None:
    """Record the open or click of a request, as `record` does."""
    if hit := read(environ, ids, kind, link):
        record([hit])


def record(found: Sequence[NewHit]) -> None:
    """Returns when they are committed. If the database does not take them, that is only logged: the
    visitors are answered all the same. Of repeats among them, one is recorded."""
    rows = {hit.same: hit.row for hit in found}
    try:
        SPOOL.append(list(rows.values()))
    except NotWritten:
        log.exception("%s hits were not counted", len(rows))
        return
    now = time.time()
    for same in rows:
        RECENT.put(same, now)


@lru_cache(maxsize=4096)
def classify(agent: str) -> int:
    if not agent or IMAGE_PROXY.search(agent):
        return MadeBy.UNKNOWN.value
    return MadeBy.PROGRAM.value if SCANNER.search(agent) else MadeBy.PERSON.value


@lru_cache(maxsize=4096)
def network_of(address: str | None) -> str | None:
    """The address without its last part, so that it names no household. None where there is none."""
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ipaddress.ip_network(f"{ip}/{NETWORK_BITS[ip.version]}", strict=False).network_address)
