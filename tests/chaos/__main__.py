"""bin/chaos: a campaign of any size under attack, on an embedded PostgreSQL of its own with its usual, durable
settings. With --whole: the product as it is shipped, any of whose processes is killed.

The last line is: lost=0 doubled=0 unknown=U of at most M. Exits with 1 if a promise was broken.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "var" / "postgres-chaos"


def main() -> None:
    options = _options()
    sys.path.insert(0, str(ROOT))
    from benchmarks import world

    with world.database(HOME):
        from tests.chaos.harness import Attack, Harness, faulty_server
        from tests.chaos.mutants import MUTANTS

        if options.mutant and options.mutant not in MUTANTS:
            sys.exit(f"There is no mutant {options.mutant!r}. There are: {', '.join(MUTANTS)}.")
        if options.whole:
            sys.exit(_attack_the_whole(options))
        attack = Attack(restart=_restart, **_numbers(options))
        with faulty_server(attack) as (port, log):
            began = time.monotonic()
            verdict = Harness(attack, _campaign(options.messages, options.batches, port), log).run()
        _print_verdict(verdict, time.monotonic() - began)
    sys.exit(not verdict.holds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/chaos", description=__doc__.splitlines()[0])
    parser.add_argument("--whole", action="store_true", help="kill any process of the product as it is shipped")
    parser.add_argument("--messages", type=int, help="default: 100,000; 30,000 with --whole")
    parser.add_argument("--batches", type=int, default=1, help="of the campaign, each for an equal share of its people")
    parser.add_argument("--kills", type=int, help="processes killed with -9; default: 200; 30 with --whole")
    parser.add_argument("--restarts", type=int, default=3, help="of PostgreSQL, in the middle of everything")
    parser.add_argument("--lanes", type=int, default=3)
    parser.add_argument("--freezes", type=int, default=4, help="workers stopped for longer than their lease")
    parser.add_argument("--switches", type=int, default=4, help="of the kill switch")
    parser.add_argument("--pauses", type=int, default=4)
    parser.add_argument("--opt-outs", type=int, default=1000, help="opt-outs aimed at messages in flight")
    parser.add_argument("--soft", type=float, default=0.01, help="share of temporary refusals")
    parser.add_argument("--lost", type=float, default=0.004, help="share of lost replies")
    parser.add_argument("--mutant", help="remove one safety: then the oracle must see a broken promise")
    parser.add_argument("--seconds", type=float, default=1800, help="give up after so many seconds")
    options = parser.parse_args()
    options.messages = options.messages or (30_000 if options.whole else 100_000)
    options.kills = options.kills or (30 if options.whole else 200)
    return options


def _numbers(options: argparse.Namespace) -> dict:
    return {name: value for name, value in vars(options).items() if name not in ("whole", "batches")}


def _attack_the_whole(options: argparse.Namespace) -> int:
    """Returns the exit code."""
    from tests.chaos.harness import faulty_server
    from tests.chaos.whole import WholeAttack, WholeHarness

    attack = WholeAttack(
        options.messages, options.kills, options.lost, restart=_start, postmaster=_postmaster, seconds=options.seconds
    )
    with faulty_server(attack) as (port, log):
        product_log = HOME / "product.log"
        product_log.unlink(missing_ok=True)
        began = time.monotonic()
        verdict = WholeHarness(attack, _campaign(options.messages, options.batches, port), log, product_log).run()
    print(
        f"{time.monotonic() - began:.0f} s; killed: " + ", ".join(f"{n} {r}" for r, n in sorted(verdict.kills.items()))
    )
    print(f"{verdict.web_errors} times no answer from the web right after a kill; log: {product_log.relative_to(ROOT)}")
    for line in [*verdict.silences, *verdict.promises.miscounted]:
        print(line)
    print(verdict)
    return not verdict.holds


def _postmaster() -> int:
    return int((HOME / "data" / "postmaster.pid").read_text().splitlines()[0])


def _restart() -> None:
    from kernel import embedded_postgres

    embedded_postgres.stop(HOME, "immediate")
    _start()


def _start() -> None:
    from kernel import embedded_postgres

    embedded_postgres.ensure_running(HOME)


def _campaign(n: int, batches: int, port: int):
    from benchmarks import world
    from contacts.segments.audience import Audience
    from delivery import batching
    from delivery.channels.email.composing import Content
    from delivery.models import ProviderAccount
    from delivery.shares import Share
    from kernel.tenancy import scope

    workspace = world.workspace("chaos")
    world.fill_with_contacts(workspace, n)
    html = '<p>Hello {{ first_name }}</p><a href="{{ unsubscribe_url }}">no more</a>'
    content = Content(subject="S", html=html, text="T", from_name="Chaos", from_email="news@chaos.example")
    with scope(workspace):
        options = {"host": "127.0.0.1", "port": port, "security": "none", "user": ""}
        account = ProviderAccount.objects.create(name="SMTP", provider="smtp", options=options)
        return [
            batching.open_batch(name="Chaos", content=content, account=account, audience=Audience(), share=share)
            for share in Share.equal(1, batches)
        ]


def _print_verdict(verdict, seconds: float) -> None:
    print(f"{seconds:.0f} s; " + ", ".join(f"{n} {state}" for state, n in sorted(verdict.states.items())))
    latencies = verdict.kill_latencies
    if latencies:
        p99 = latencies[int(len(latencies) * 0.99)]
        print(f"kill switch: {len(latencies)} arrived after it, p99 {p99 * 1000:.0f} ms, last {latencies[-1]:.2f} s")
    print(f"late after the kill switch: {verdict.late_kills}; written to after an opt-out: {verdict.late_consents}")
    for line in verdict.miscounted:
        print(f"miscounted: {line}")
    print(verdict)


main()
