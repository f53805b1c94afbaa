"""Compare pages without regard to the layout of their source."""

import re


def flat(page) -> str:
    """A page, or that of a response, without the white space that only lays out its source."""
    text = page if isinstance(page, str) else page.content.decode()
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" (?=/?>)", "", text)
    return re.sub(r"(?<=>) | (?=</)", "", text)
