from .content import Content, ContentLink
from .template import MessageTemplate
from .template_version import TemplateVersion

__all__ = ["Content", "ContentLink", "MessageTemplate", "TemplateVersion"]
