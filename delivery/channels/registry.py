"""All providers: every folder beside this file that has a provider.py with PROVIDER."""

from importlib import import_module
from pathlib import Path

from delivery.channels.base import Provider

_providers: dict[str, Provider] = {}


def discover() -> None:
    for file in sorted(Path(__file__).parent.glob("*/provider.py")):
        provider = import_module(f"delivery.channels.{file.parent.name}.provider").PROVIDER
        _providers[provider.slug] = provider


def find(slug: str) -> Provider:
    return _providers[slug]


def of_channel(channel: str) -> list[Provider]:
    return [provider for provider in _providers.values() if provider.channel == channel]
