"""Reading pages whose layout says nothing."""

import re


def flat(page) -> str:
    """A page, or an answer's, without the white space that lays out its source: `<p>`, `a="1" b="2">`, text."""
    text = page if isinstance(page, str) else page.content.decode()
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" (?=/?>)", "", text)
    return re.sub(r"(?<=>) | (?=</)", "", text)
