"""Variants of the send benchmark: two processes, TLS, network latency, ten times the size."""

from __future__ import annotations

import os
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.core.mail import get_connection
from django.utils import timezone

from benchmarks import letter
from benchmarks.send_smtp import check, prepare, reference, send, sink

LANE = "import django; django.setup()\nfrom delivery.sending import lane\nwhile lane.run(): pass"


def two_processes(n: int, rounds: int) -> float:
    """Both CPUs for lanes, PostgreSQL and the sink: what a whole machine with two CPUs does. The reference has both,
    too. The start of the two processes counts as part of sending."""
    _free()
    plain, ours = [], []
    with sink() as (port, _):
        for number in range(rounds):
            workspace, batch = prepare(f"two-{number}", n, port)
            plain.append(reference(workspace, batch, port))
            lanes = [subprocess.Popen([sys.executable, "-c", LANE], stdin=subprocess.DEVNULL) for _ in range(2)]
            began = time.perf_counter()
            for lane in lanes:
                lane.wait()
            seconds = time.perf_counter() - began
            check(workspace, batch, n)
            ours.append(n / seconds)
            print(f"round {number + 1}: plain Django {plain[-1]:,.0f}/s, two processes {ours[-1]:,.0f}/s")
    return statistics.median(ours) / statistics.median(plain)


def _free() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))


def tls(n: int, rounds: int) -> float:
    """Both over TLS; the reference over one kept-alive connection."""
    plain, ours = [], []
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = _certificate(Path(folder))
        real = ssl.create_default_context
        ssl.create_default_context = lambda *a, **k: real(*a, **{"cafile": certificate} | k)
        with sink("--tls", certificate, key) as (port, _):
            for number in range(rounds):
                workspace, batch = prepare(f"tls-{number}", n, port, security="tls", host="localhost")
                plain.append(_django_tls(port))
                ours.append(send(workspace, batch, n))
                print(f"round {number + 1}: plain Django {plain[-1]:,.0f}/s, Fanfare {ours[-1]:,.0f}/s")
    return statistics.median(ours) / statistics.median(plain)


def _django_tls(port: int, n: int = 300) -> float:
    django = letter.DjangoWay()
    backend = "django.core.mail.backends.smtp.EmailBackend"
    connection = get_connection(backend, host="localhost", port=port, use_ssl=True)
    connection.open()
    began = time.perf_counter()
    for number in range(n):
        message = django.message(letter.person(number), "x" * 27)
        message.connection = connection
        message.send()
    seconds = time.perf_counter() - began
    connection.close()
    return n / seconds


def latency(n: int, rounds: int) -> float:
    """A round trip of 20 ms and 10 connections. Reference, computed: ten lock-step clients with five round trips per
    message (MAIL, RCPT, DATA, body, RSET), limited by the round trips alone."""
    ours = []
    settings.SMTP_CONNECTIONS = 10
    with sink("--rtt", "20") as (port, _):
        for number in range(rounds):
            workspace, batch = prepare(f"latency-{number}", n, port)
            ours.append(send(workspace, batch, n))
            print(f"round {number + 1}: Fanfare {ours[-1]:,.0f}/s, five round trips allow {10 / (5 * 0.020):,.0f}/s")
    return statistics.median(ours) / (10 / (5 * 0.020))


def growth(n: int, rounds: int) -> float:
    """The rate with n recipients over the rate with a tenth of them."""
    small, large = [], []
    with sink() as (port, _):
        for number in range(rounds):
            for size, rates in ((n // 10, small), (n, large)):
                workspace, batch = prepare(f"growth-{number}-{size}", size, port)
                rates.append(send(workspace, batch, size))
            print(f"round {number + 1}: {n // 10:,} at {small[-1]:,.0f}/s, {n:,} at {large[-1]:,.0f}/s")
    return statistics.median(large) / statistics.median(small)


def _certificate(folder: Path) -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = timezone.now()
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=2))
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return str(folder / "cert.pem"), str(folder / "key.pem")


TWO_PROCESSES = (two_processes, 100_000, 55.0)
TLS = (tls, 30_000, 20.0)
LATENCY = (latency, 10_000, 4.0)
GROWTH = (growth, 1_000_000, 0.8)
