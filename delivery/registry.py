"""All providers, by slug. Each is a folder in delivery/providers; `delivery.discovery` adds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.extensions import Extensions

if TYPE_CHECKING:
    from delivery.providers.provider import Provider

PROVIDERS: Extensions[Provider] = Extensions("providers", "Ways to send, by slug: a folder each.")


def find(slug: str) -> Provider:
    """Raises KeyError."""
    return PROVIDERS[slug]


def of_channel(channel: str) -> list[Provider]:
    return [provider for provider in PROVIDERS if provider.channel == channel]
