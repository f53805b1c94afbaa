from .template import MessageTemplate

__all__ = ["MessageTemplate"]
