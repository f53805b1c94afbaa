"""The benchmarks' own database, on an embedded server with its usual, safe settings."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from benchmarks import cpus

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "var" / "postgres-bench"


@contextmanager
def database(home: Path = HOME) -> Iterator[None]:
    from kernel import embedded_postgres

    name = f"bench_{secrets.token_hex(4)}"
    with cpus.for_servers():
        urls = embedded_postgres.ensure_running(home).as_environment()
    owner = urls["DATABASE_OWNER_URL"]
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    os.environ.update({key: urlunsplit(urlsplit(url)._replace(path=f"/{name}")) for key, url in urls.items()})
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings",
        FANFARE_LOCAL="1",
        LOG_LEVEL="CRITICAL",
        WARM_UP="false",
        EPOCH_FILE=str(home / "epoch"),
        SMTP_ALLOWED_PRIVATE_HOSTS="127.0.0.1,localhost",
    )
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0)
    try:
        yield
    finally:
        connections.close_all()
        time.sleep(0.5)  # connections of other threads end with these threads
        with psycopg.connect(owner, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
        embedded_postgres.stop(home)


def workspace(name: str):
    from accounts.models import Workspace
    from delivery.models import ProviderAccount, Sender
    from kernel.tenancy import scope

    values = {"country": "FR", "postal_address": "1 rue Neuve", "onboarding": "done"}
    created = Workspace.objects.create(name=name, slug=name, **values)
    with scope(created):
        ProviderAccount.objects.create(name="Sandbox", provider="sandbox").make_default()
        Sender.objects.create(name="Bench", email="news@bench.example")
    return created


def fill_with_contacts(created, n: int) -> None:
    from django.db import connections

    with connections["engine"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO contacts_contact (workspace_id, email, first_name, last_name, attributes, status, source, "
            "created_at, updated_at) SELECT %s, 'user' || g || '@example.com', 'First' || g %% 5000, "
            "'Last' || g %% 7000, %s, 'subscribed', 'form', now(), now() FROM generate_series(1, %s) g",
            [created.pk, '{"city": "Lyon", "plan": "gold"}', n],
        )


def analyse() -> None:
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
