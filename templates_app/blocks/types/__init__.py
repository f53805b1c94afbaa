"""The kinds of blocks, in the order of the palette."""

from __future__ import annotations

from templates_app.blocks.block_type import BlockType

from .button import Button
from .columns import ThreeColumns, TwoColumns
from .coupon import Coupon
from .divider import Divider
from .footer import Footer
from .header import Header
from .heading import Heading
from .hero import Hero
from .html import Html
from .picture import Picture
from .picture_text import PictureText
from .product import Product
from .products import Products
from .quote import Quote
from .social import Social
from .space import Space
from .text import Text
from .video import Video
from .view_online import ViewOnline

KINDS: dict[str, BlockType] = {
    kind.slug: kind()
    for kind in (
        Heading,
        Text,
        Button,
        Picture,
        Hero,
        PictureText,
        TwoColumns,
        ThreeColumns,
        Divider,
        Space,
        Product,
        Products,
        Coupon,
        Quote,
        Video,
        Social,
        ViewOnline,
        Html,
        Header,
        Footer,
    )
}
