from .brand import Brand
from .content import Content, ContentLink
from .picture import ContentPicture, Picture, PictureFile, TemplatePicture
from .template import LARGE, MessageTemplate
from .template_favourite import TemplateFavourite
from .template_version import TemplateVersion

__all__ = [
    "LARGE",
    "Brand",
    "Content",
    "ContentLink",
    "ContentPicture",
    "MessageTemplate",
    "Picture",
    "PictureFile",
    "TemplateFavourite",
    "TemplatePicture",
    "TemplateVersion",
]
