"""Finds the providers: every folder beside this file that has a provider.py with PROVIDER."""

from importlib import import_module
from pathlib import Path

from delivery.providers import PROVIDERS


def discover() -> None:
    for file in sorted(Path(__file__).parent.glob("*/provider.py")):
        provider = import_module(f"delivery.channels.{file.parent.name}.provider").PROVIDER
        PROVIDERS.add(provider, provider.slug)
