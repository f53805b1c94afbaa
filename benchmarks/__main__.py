"""bin/bench: list the benchmarks, or run one."""

import argparse
import sys
from pathlib import Path

BENCHMARKS = {
    "build": ("build", "one message made, against Django's templates and EmailMultiAlternatives"),
    "blocks": ("blocks", "the HTML of a message of 60 blocks, against 20 of them a second and core"),
    "sanitise": (
        "sanitise",
        "a newsletter of 100 KB made safe to store, against plain bleach.clean of the same text; CPU",
    ),
    "import": ("import_csv", "100,000 contacts from CSV, against a bulk_create loop of 1,000 doing the same work"),
    "import-many": (
        "import_many",
        "1,000,000 with tags, a list and five fields, against plain COPY and an upsert per row",
    ),
    "import-gin": ("import_many:GIN", "what the index on own fields costs an import"),
    "forecast": ("forecast", "the check before an import of 1,000,000 names and addresses, against that import"),
    "forecast-many": ("forecast:MANY", "the same with tags, a list and five fields"),
    "send": ("send_smtp", "a campaign to a loopback SMTP sink, against EmailMessage and save() per recipient"),
    "send-2": ("send_variants:TWO_PROCESSES", "the same with two processes"),
    "send-tls": ("send_variants:TLS", "the same over TLS, against Django over TLS"),
    "latency": ("send_variants:LATENCY", "20 ms of round trip and 10 connections, against a five-round-trip client"),
    "growth": ("send_variants:GROWTH", "the rate at 1,000,000 recipients over the rate at 100,000"),
    "http": ("http", "CPU of a message over SendGrid's HTTP interface, against Anymail's backend"),
    "hits": ("hits", "an open or click, answered, committed and folded, against the same through Django; CPU"),
    "segments": ("audiences:SEGMENTS", "1 % of 1,000,000 contacts by a field, against a sequential scan"),
    "count": ("audiences:COUNT", "the first answer to five conditions over 1,000,000, against a plain count"),
    "snapshot": ("audiences:SNAPSHOT", "a batch of 1,000,000 less three exclusions, against count(*) of them"),
    "thumbnails": ("thumbnails", "bytes of the library page of 60 templates with its frames, against 300 KB"),
    "pages": ("pages", "list, search and report with 1,000,000 contacts, against a workspace of 1,000"),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bin/bench")
    parser.add_argument("name", nargs="?", choices=BENCHMARKS)
    parser.add_argument("--n", type=int, help="size; each benchmark has its own default")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if not options.name:
        for name, (_, about) in BENCHMARKS.items():
            print(f"{name:12} {about}")
        return
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from benchmarks import world

    with world.database():
        from importlib import import_module

        name, _, variant = BENCHMARKS[options.name][0].partition(":")
        module = import_module(f"benchmarks.{name}")
        run, n, target = getattr(module, variant) if variant else (module.run, module.N, module.TARGET)
        ratio = run(options.n or n, options.rounds)
    verdict = "ok" if ratio >= target else "short"
    print(f"{options.name} ratio={ratio:.2f} target={target:g} {verdict}")
    sys.exit(verdict != "ok")


main()
