"""What stands of a message in the list of a mailbox: sender, subject, and the words behind them."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Workspace
from contacts.models import Contact
from delivery.models import Sender
from templates_app import previewing
from templates_app.models import MessageTemplate
from templates_app.reading.visible import Rendered

MOST = 250  # characters that a program takes from a message


@dataclass(frozen=True)
class InboxLine:
    """`preview` is the preview text, or the message's first words where it has none (`is_of_body`), as all programs
    do."""

    sender: str
    subject: str
    preview: str
    is_of_body: bool


def inbox_line(
    template: MessageTemplate,
    workspace: Workspace,
    *,
    sender: Sender | None,
    subject: str,
    preheader: str,
    contact: Contact | None,
) -> InboxLine:
    values = previewing.values_for(workspace, contact, text=template.text_part)
    preview = " ".join(previewing.render_text(preheader, values).split())
    is_of_body = not preview
    if is_of_body:
        preview = first_words(previewing.render_html(template.html, values))
    return InboxLine(
        sender=sender.name if sender else workspace.name,
        subject=" ".join(previewing.render_text(subject, values).split())[:MOST],
        preview=preview[:MOST],
        is_of_body=is_of_body,
    )


def first_words(html: str) -> str:
    """The first words that stand in a merged message, in their order, with what pictures say to those who don't see
    them."""
    rendered = Rendered(html)
    shown = {id(node) for node, _text, _size, _contrast in rendered.shown_texts()}
    found: list[str] = []
    length = 0
    for node in rendered.root.iter():
        pieces = [node.text if id(node) in shown else "", node.get("alt") if node.tag == "img" else ""]
        parent = node.getparent()
        if parent is not None and id(parent) in shown:
            pieces.append(node.tail)
        words = " ".join(" ".join(filter(None, pieces)).split())
        if words:
            found.append(words)
            length += len(words) + 1
        if length > MOST:
            break
    return " ".join(found)[:MOST]
