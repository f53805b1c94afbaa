"""Making the HTML of a message of 60 blocks, as with each change in the editor. Reference: 20 a second and core."""

from __future__ import annotations

import statistics
import time

from templates_app.blocks import editing
from templates_app.blocks.documents import Document
from templates_app.blocks.look import Look
from templates_app.blocks.rendering import render
from templates_app.blocks.types import KINDS

N, TARGET = 60, 1.0
A_SECOND = 20
TIMES = 50


def run(n: int, rounds: int) -> float:
    document, look = _message(n), Look(name="Maison Demo")
    render(document, look, "fr")
    found = []
    for number in range(rounds):
        began = time.process_time()
        for _time in range(TIMES):
            size = len(render(document, look, "fr"))
        found.append(TIMES / (time.process_time() - began))
        print(f"round {number + 1}: {found[-1]:.1f} messages a second of CPU, {size:,} characters")
    return statistics.median(found) / A_SECOND


def _message(n: int) -> Document:
    document, kinds = editing.empty("fr"), [slug for slug, kind in KINDS.items() if kind.group]
    while len(document) < n:
        document = editing.add(document, editing.new_block(kinds[len(document) % len(kinds)], "fr"))
    return document
