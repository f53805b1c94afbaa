"""Whether every reader sees the unsubscribe link and the postal address, whatever a style sheet says and when."""

import pytest

from templates_app.blocks.look import Look
from templates_app.blocks.rendering import render
from templates_app.checks.required_parts import required_parts
from templates_app.designs import DESIGNS
from templates_app.sanitising import sanitise
from templates_app.starters import STARTERS

FOOTER = '<p><a class="u" href="{{ unsubscribe_url }}">Unsubscribe</a> {{ postal_address }}</p>'


def message(sheet: str, body: str = "") -> str:
    return f"<!doctype html><html><head><style>{sheet}</style></head><body><h1>Hi</h1>{body}{FOOTER}</body></html>"


def hides(html: str) -> bool:
    """Whether the link, or the address, is told to be hidden."""
    return any(part.problem for part in required_parts(html, {}))


@pytest.mark.parametrize(
    "sheet",
    [
        "@media all{.u{display:none}}",
        "@media screen{.u{display:none}}",
        "@media (min-width:1px){.u{display:none}}",
        "@supports (color:red){.u{display:none}}",
        "@layer x{.u{display:none}}",
        ":is(.u){display:none}",
        ":where(.u){display:none}",
        "[href]{display:none}",
        "[class]{display:none}",
        "p:nth-of-type(1){display:none}",
        "body>p:last-child{display:none}",
        "p:has(.u){display:none}",
        "h1+p{display:none}",
        "h1~p{visibility:collapse}",
        ".u{--d:none;display:var(--d)}",
        "body{--d:none}.u{display:var(--x, var(--d))}",
        "@keyframes k{to{opacity:0}}.u{animation:k 0s forwards}",
        ".u{clip-path:inset(100%)}",
        ".u{filter:opacity(0)}",
        "p{zoom:0.01}",
        "a{pointer-events:none}",
        "body p{content-visibility:hidden}",
        ".u{opacity:1%}",
        ".u{opacity:calc(0)}",
        "p{margin-left:-9999px}",
        "p{transform:scale(.01)}",
        "p{scale:0}",
        "p{position:relative;left:-9999px}",
        ".u{letter-spacing:-9px}",
        ".u{-webkit-text-fill-color:transparent;color:#000}",
        'body::after{content:"";position:fixed;inset:0;background:#fff}',
        'h1::after{content:"";position:absolute;width:9999px;height:9999px;background:#fff}',
        "h1{box-shadow:0 0 0 9999px #fff}",
        "h1{margin-bottom:-900px;height:900px;background:#fff}",
        "h1{position:fixed;inset:0}",
        "@media all{h1{position:fixed}}",
        "@media all{@media screen{.u{display:none}}}",
        "@media all{.u{display:none}}@media (max-width:1px){.u{display:inline}}",
        "a:hover{display:none}",
        "p{mask:linear-gradient(transparent,transparent)}",
        ".u{content:url(x)}",
        "p{overflow-x:hidden;width:1px}",
        "p:not(.x){display:none}",
        ":root p{display:none}",
        "h1{position:absolute;top:0;left:0;width:100%;height:2000px;background:#fff}",
        "a:link{display:none}",
        ".U,A.u{DISPLAY:NONE}",
        ".qu,.\\75{display:none}",
        "p{text-indent:5000px;white-space:nowrap;overflow:hidden}",
    ],
)
def test_a_style_that_hides_is_told(sheet):
    assert hides(message(sheet))


@pytest.mark.parametrize(
    "body",
    [
        '<div style="position:fixed;inset:0;background:#fff">C</div>',
        '<div style="margin-bottom:-900px;height:900px;background:#fff">C</div>',
        '<div style="position:absolute;top:0;left:0;width:100%;height:2000px;background:#fff">C</div>',
        '<!--[if mso]><div style="display:none"><![endif]-->',
        '<table><tr><td><!--[if mso]></td></tr></table><table style="display:none"><tr><td><![endif]-->',
        "<!--[if !mso]><!-->",
        '<!--[if mso]><v:rect style="position:absolute;width:9999px;height:9999px"></v:rect><![endif]-->',
    ],
)
def test_what_covers_the_footer_or_closes_what_is_around_it_is_told(body):
    assert hides(message("", body))


@pytest.mark.parametrize(
    "sheet",
    [
        "@media (max-width:600px){.hide-on-phone{display:none}}",
        "@media (max-width:600px){.u{font-size:16px!important;display:block}}",
        "@media print{.u{display:none}}",
        "@media (min-width:601px){.m{display:none}}@media (max-width:600px){.d{display:none}}",
        "a:hover{color:#000;text-decoration:none}",
        "[data-ogsc] .u{color:#fff}",
        "@media (prefers-color-scheme:dark){body{background:#111}p,a{color:#eee}}",
        "h1{position:relative;margin-top:-20px;box-shadow:0 2px 10px #000}",
        "@keyframes k{to{opacity:0}}h1{animation:k 1s}",
        "u + .body .gmail{mix-blend-mode:screen}",
        "p{margin:0 auto;letter-spacing:-.02em;filter:none;text-indent:0}",
    ],
)
def test_styles_of_usual_mails_are_no_alarm(sheet):
    assert not hides(message(sheet, '<p class="hide-on-phone">k</p>'))


@pytest.mark.parametrize(
    "body",
    [
        '<div style="display:none;max-height:0;overflow:hidden;position:absolute;left:-9999px">pre</div>',
        '<div style="position:relative;overflow:hidden"><div style="position:absolute;top:0;left:0;width:100%;height:100%">h</div></div>',
        "<!--[if mso]><table><tr><td><![endif]-->k<!--[if mso]></td></tr></table><![endif]-->",
        "<!--[if !mso]><!--><p>k</p><!--<![endif]-->",
    ],
)
def test_usual_markup_is_no_alarm(body):
    assert not hides(message("", body))


def test_one_footer_for_phones_and_one_for_the_rest_are_enough():
    sheet = ".m{display:none}@media (max-width:600px){.d{display:none!important}.m{display:block!important}}"
    both = f'<div class="d">{FOOTER}</div><div class="m">{FOOTER}</div>'
    html = f"<html><head><style>{sheet}</style></head><body>{both}</body></html>"
    assert not hides(html)
    assert hides(html.replace(".m{display:block!important}", ""))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_our_own_messages_are_no_alarm(language):
    pages = [render(design.shown(language), Look(name="Maison Demo"), language) for design in DESIGNS[::6]]
    for page in [*pages, *(starter.in_language(language) for starter in STARTERS)]:
        assert not any(part.problem for part in required_parts(sanitise(page).html, {"first_name": None}))
