"""Making one message, from the envelope to the final boundary. Reference: Django's templates and e-mail classes."""

from __future__ import annotations

import statistics
import time

from benchmarks import letter
from delivery.channels.email.composing import Composer

N, TARGET = 20_000, 40.0
REFERENCE = 500


def run(n: int, rounds: int) -> float:
    people = [letter.person(number) for number in range(n)]
    django, composer = letter.DjangoWay(), Composer(1, 1, letter.content())
    plain, ours = [], []
    for number in range(rounds):
        began = time.process_time()
        for values in people[:REFERENCE]:
            django.message(values, "x" * 27).message().as_bytes()
        plain.append((time.process_time() - began) / REFERENCE)
        began = time.process_time()
        for contact_id, values in enumerate(people, 1 + number * n):
            size = len(composer.compose(contact_id, values["email"], values).source)
        ours.append((time.process_time() - began) / n)
        print(f"round {number + 1}: Django {plain[-1] * 1e6:,.0f} µs, Fanfare {ours[-1] * 1e6:.1f} µs, {size:,} bytes")
    return statistics.median(plain) / statistics.median(ours)
