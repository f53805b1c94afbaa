from .content import Content
from .template import MessageTemplate

__all__ = ["Content", "MessageTemplate"]
