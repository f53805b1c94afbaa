"""Shows a merchant's HTML: never inside our own page, always under a policy that runs and loads nothing of ours."""

from django.http import HttpResponse
from django.utils.html import format_html

from accounts.models import Workspace
from contacts.identity import merge_values
from contacts.models import Contact
from templates_app.merging import MergeError, localising, message_tags, parse, spintax
from templates_app.merging.spintax_nodes import SEED

POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src https: http: data:; "
    "style-src 'unsafe-inline'; font-src https:; base-uri 'none'; form-action 'none'; frame-ancestors {}"
)


def sandboxed(html: str, *, framed: bool, has_pictures: bool = True) -> HttpResponse:
    """The HTML as a response of its own. `framed` lets our pages show it in a frame; without pictures it is as in a
    mail program that loads none."""
    response = HttpResponse(html)
    policy = POLICY if has_pictures else POLICY.replace("img-src https: http: data:", "img-src 'none'")
    response["Content-Security-Policy"] = policy.format("'self'" if framed else "'none'")
    response["X-Frame-Options"] = "SAMEORIGIN" if framed else "DENY"
    response["Referrer-Policy"] = "no-referrer"
    return response


def measurable(html: str) -> HttpResponse:
    """The HTML as a response whose places our own page may measure, in a frame. It runs no more than the other."""
    response = sandboxed(html, framed=True)
    policy = response["Content-Security-Policy"]
    response["Content-Security-Policy"] = policy.replace("sandbox ", "sandbox allow-same-origin ", 1)
    return response


def in_the_dark(html: str) -> str:
    """The HTML as somebody sees it whose mail program is dark."""
    return html.replace("(prefers-color-scheme: dark)", "all").replace("(prefers-color-scheme:dark)", "all")


def values_for(workspace: Workspace, contact: Contact | None, *, text: str = "", wording: int = 0) -> dict:
    """Merge values for a preview: the contact's, or an example's. Our own links lead nowhere.

    `text`: the text part, by which spintax is the one that the contact will get; `wording`: another one, by number."""
    return {
        **localising.hidden(localising.defaults(workspace.language, workspace.time_zone, workspace.country)),
        SEED: spintax.seed(f"{wording}\0{text}" if wording else text, contact.pk if contact else 0),
        **(contact.merge_values() if contact else merge_values.EXAMPLE),
        "postal_address": workspace.postal_line,
        **dict.fromkeys((*message_tags.LINKS, message_tags.CLICK), "#"),
        message_tags.OPEN: "data:,",
    }


def has_wordings(html: str, text: str) -> bool:
    """Whether people get different words by spintax."""
    try:
        return any(parse(source, html=is_html).options for source, is_html in ((html, True), (text, False)))
    except MergeError:
        return False


def render_html(source: str, values: dict) -> str:
    """The merged HTML, or a small page that says what is wrong with the source."""
    try:
        return parse(source, html=True).render(values)
    except MergeError as problem:
        return format_html("<!DOCTYPE html><title>!</title><p>{}</p>", str(problem))


def render_text(source: str, values: dict) -> str:
    """The merged text, or a sentence that says what is wrong with the source."""
    try:
        return parse(source, html=False).render(values)
    except MergeError as problem:
        return str(problem)
