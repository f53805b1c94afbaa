"""Finds channels and providers: every folder of delivery/channels with a channel.py that has CHANNEL, and of
delivery/providers with a provider.py that has PROVIDER."""

from importlib import import_module
from pathlib import Path
from types import ModuleType

from delivery.registry import CHANNELS, PROVIDERS

HERE = Path(__file__).parent


def discover() -> None:
    for module in _modules("channels", "channel"):
        CHANNELS.add(module.CHANNEL, module.CHANNEL.slug)
    for module in _modules("providers", "provider"):
        PROVIDERS.add(module.PROVIDER, module.PROVIDER.slug)


def _modules(folder: str, name: str) -> list[ModuleType]:
    found = sorted((HERE / folder).glob(f"*/{name}.py"))
    return [import_module(f"delivery.{folder}.{file.parent.name}.{name}") for file in found]
