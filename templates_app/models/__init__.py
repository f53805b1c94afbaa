from .content import Content, ContentLink
from .picture import ContentPicture, Picture, PictureFile, TemplatePicture
from .template import MessageTemplate
from .template_version import TemplateVersion

__all__ = [
    "Content",
    "ContentLink",
    "ContentPicture",
    "MessageTemplate",
    "Picture",
    "PictureFile",
    "TemplatePicture",
    "TemplateVersion",
]
