"""All channels and providers, by slug: a folder each in delivery/channels or delivery/providers, which
`delivery.discovery` adds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.extensions import Extensions

if TYPE_CHECKING:
    from delivery.channels.channel import Channel
    from delivery.providers.provider import Provider

CHANNELS: Extensions[Channel] = Extensions("channels", "Ways to reach a person, by slug: a folder each.")
PROVIDERS: Extensions[Provider] = Extensions("providers", "Ways to send, by slug: a folder each.")

#: The channel of everything for which nobody chose one.
FIRST = "email"


def channel(slug: str) -> Channel:
    """Raises KeyError."""
    return CHANNELS[slug]


def find(slug: str) -> Provider:
    """The provider. Raises KeyError."""
    return PROVIDERS[slug]


def channel_choices() -> list[tuple[str, str]]:
    return [(slug, str(found.label)) for slug, found in CHANNELS.items()]


def other_channels() -> list[tuple[str, str]]:
    """Those that a page offers beside the first one."""
    return [choice for choice in channel_choices() if choice[0] != FIRST]
