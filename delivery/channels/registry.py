"""All providers: every folder beside this file that has a provider.py with PROVIDER."""

from importlib import import_module
from pathlib import Path

from delivery.channels.base import Provider
from kernel.extensions import Extensions

PROVIDERS: Extensions[Provider] = Extensions("providers", "Ways to send, by slug: a folder each.")


def discover() -> None:
    for file in sorted(Path(__file__).parent.glob("*/provider.py")):
        provider = import_module(f"delivery.channels.{file.parent.name}.provider").PROVIDER
        PROVIDERS.add(provider, provider.slug)


def find(slug: str) -> Provider:
    return PROVIDERS[slug]


def of_channel(channel: str) -> list[Provider]:
    return [provider for provider in PROVIDERS if provider.channel == channel]
