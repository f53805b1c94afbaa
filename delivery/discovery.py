"""Finds the providers: every folder of delivery/providers that has a provider.py with PROVIDER."""

from importlib import import_module
from pathlib import Path

from delivery.registry import PROVIDERS


def discover() -> None:
    for file in sorted((Path(__file__).parent / "providers").glob("*/provider.py")):
        provider = import_module(f"delivery.providers.{file.parent.name}.provider").PROVIDER
        PROVIDERS.add(provider, provider.slug)
