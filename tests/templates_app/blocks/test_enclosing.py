"""HTML of a merchant's own can't reach the footer, by which people leave: not by merge tags, not by Outlook's comments."""

import re

import pytest
from django import forms

from templates_app.blocks.enclosing import enclosed
from templates_app.blocks.types.html import HtmlField

GHOST = (
    '<!--[if mso | IE]><table width="600"><tr><td style="width:300px"><![endif]--><div>k</div>'
    "<!--[if mso | IE]></td><td><![endif]-->l<!--[if mso | IE]></td></tr></table><![endif]-->"
)
BUTTON = (
    '<!--[if mso]><v:roundrect xmlns:v="urn:schemas-microsoft-com:vml" href="https://x.example" '
    'style="height:40px;v-text-anchor:middle;width:200px;" arcsize="10%"><w:anchorlock/>'
    '<center style="color:#fff">B</center></v:roundrect><![endif]-->'
    '<!--[if !mso]><!--><a href="https://x.example">B</a><!--<![endif]-->'
)


@pytest.mark.parametrize(
    "written",
    [
        '<style>.x{color:{{ nope | default: "red}.quiet{display:none" }} }</style>',
        "<style>{{ first_name }}</style>",
        "<style>{% if first_name %}.quiet{display:none}{% endif %}</style>",
        "<div style=\"color:{{ 'red;position:fixed;inset:0' }}\">C</div>",
        '{% assign away = "red;position:fixed" %}<div style="color:{{ away }}">C</div>',
        '<div style="--x:{% if first_name %};position:fixed{% endif %}">C</div>',
        '<!--[if mso]><td style="color:{{ first_name }}">C</td><![endif]-->',
    ],
)
def test_a_merge_tag_writes_no_styles(written):
    with pytest.raises(forms.ValidationError, match="stands in a style sheet or a style attribute"):
        HtmlField().clean(written)
    # What is stored from before that was refused has no effect.
    kept = enclosed(written)
    assert not re.search(r"<style>.*\{.*</style>", kept) and not re.search(r"style=\"[^\"]+\"", kept), kept


def test_merge_tags_elsewhere_and_styles_without_any_stay():
    written = '<style>.x{color:red}</style><p class="x" title="{{ first_name }}" style="color:red">{{ first_name }}</p>'
    assert HtmlField().clean(written) == written
    assert enclosed(written) == written.replace(".x{", ".own-html .x{")


@pytest.mark.parametrize(
    "title", ["a style=", "a style='", "&lt;style&gt;", "style=x"], ids=["open", "quoted", "sheet", "bare"]
)
def test_a_style_is_found_wherever_another_attribute_pretends_to_be_one(title):
    kept = enclosed(f'<div title="{title}" style="font-family:\'x\';position:fixed;inset:0">C</div>')
    assert "fixed" not in kept and f'title="{title}"' in kept


@pytest.mark.parametrize(
    "written", [GHOST, BUTTON, "<!--[if mso]>&nbsp;<![endif]-->", "<!--[if mso]><p>&nbsp;<![endif]-->"]
)
def test_outlooks_comments_that_close_what_they_open_stay(written):
    assert HtmlField().clean(written) == written
    assert enclosed(written) == written


@pytest.mark.parametrize(
    "written",
    [
        '<!--[if mso]><div style="display:none"><![endif]-->k',
        '<!--[if mso]><div style="display:none"><![endif]-->k<!--[if mso]></div><![endif]-->',
        "<!--[if mso]><div><![endif]-->k",
        "<!--[if mso]></td></tr></table><table><tr><td><![endif]-->k",
        '<!--[if mso]><v:rect style="position:absolute;width:90px;height:90px"></v:rect><![endif]-->k',
        '<!--[if mso]><v:rect style="width:9999px;height:90px"></v:rect><![endif]-->k',
        '<!--[if mso]><table width="99999"></table><![endif]-->k',
        '<!--[if mso]><p style="margin-bottom:-900px">x</p><![endif]-->k',
        "<!--[if mso]>{% if first_name %}<table>{% endif %}<![endif]-->k<!--[if mso]></table><![endif]-->",
        "<!--[if mso]><table><tr><td><![endif]-->k<!--[if gte mso 9]></td></tr></table><![endif]-->",
        "<!--[if !mso]><!-->k",
        "<![if !mso]>k",
        "k<!--<![endif]-->",
    ],
)
def test_outlooks_comments_that_reach_further_are_dropped(written):
    assert enclosed(written) == "k"


def test_what_outlook_skips_is_whole_elements():
    assert enclosed("<div><!--[if !mso]><!--></div><div><!--<![endif]--></div>") == "<div></div><div></div>"
