"""The text part of a message, made from its HTML."""

import re

from inscriptis import get_text
from inscriptis.model.config import ParserConfig

MERGE_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
LINK = re.compile(r"\[(?P<text>[^\]\n]+)\]\((?P<address>[^)\s]*)\)")


def text_of(html: str) -> str:
    """The document as text, with the address of each link after its text. Merge tags stay unchanged."""
    tags: list[str] = []

    def stash(match: re.Match) -> str:
        tags.append(match[0])
        # A word that HTML and inscriptis leave unchanged, in addresses, too.
        return f"mergetag{len(tags) - 1}x"

    body = re.sub(r"(?is)<(style|title|head)\b.*?</\1>", "", MERGE_TAG.sub(stash, html))
    text = get_text(body, ParserConfig(display_links=True)) if body.strip() else ""
    text = LINK.sub(lambda m: f"{m['text']}: {m['address']}" if m["text"] != m["address"] else m["address"], text)
    lines = [line.strip() for line in text.splitlines()]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return re.sub(r"mergetag(\d+)x", lambda m: tags[int(m[1])], text)
