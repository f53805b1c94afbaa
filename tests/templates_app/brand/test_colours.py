"""Contrast as WCAG counts it, the nearest colour that can be read, and what a brand's look makes of bad colours."""

import pytest

from templates_app.blocks import branding
from templates_app.blocks.look import DARK, LIGHT, Look
from templates_app.brand import colours, legibility, visitor_look
from templates_app.brand.colours import BLACK, WHITE, contrast
from templates_app.models import Brand

ODD = ["#ffff00", "#000000", "#ffffff", "#7f7f7f", "#ff00ff", "#808000", "#00ff88", "#123456"]


@pytest.mark.parametrize(
    "one, other, ratio",
    # The first two by definition; the others are published examples: WebAIM's contrast checker.
    [(WHITE, BLACK, 21.0), (WHITE, WHITE, 1.0), ("#767676", WHITE, 4.54), ("#0000ff", WHITE, 8.59)],
)
def test_the_ratio_is_that_of_wcag(one, other, ratio):
    assert round(contrast(one, other), 2) == round(contrast(other, one), 2) == ratio


@pytest.mark.parametrize(
    "text, colour",
    [("#A8492A", "#a8492a"), ("a8492a", "#a8492a"), (" #abc ", "#aabbcc"), ("red", ""), ("#12345", ""), ("#٣٣٣", "")],
)
def test_colours_are_read_as_people_write_them(text, colour):
    assert colours.read(text) == colour


@pytest.mark.parametrize("colour", ODD)
def test_the_nearest_colour_passes_and_one_that_passes_stays(colour):
    near = colours.nearest(colour, [WHITE, "#f4f6f9"])
    assert colours.least(near, [WHITE, "#f4f6f9"]) >= colours.READABLE
    assert colours.nearest(near, [WHITE, "#f4f6f9"]) == near
    if contrast(colour, "#f4f6f9") >= colours.READABLE:
        assert near == colour


def test_where_no_shade_passes_it_is_the_best_one():
    near = colours.nearest("#ff0000", [WHITE, BLACK])
    assert colours.least(near, [WHITE, BLACK]) > colours.least("#ff0000", [WHITE, BLACK])


@pytest.mark.parametrize("colour", ODD)
def test_words_on_a_colour_can_be_read(colour):
    assert contrast(colours.words_on(colour), colour) >= colours.READABLE


def test_each_colour_is_measured_where_it_is_used_and_the_proposal_passes_everywhere():
    found = legibility.of(Brand())
    assert all(one.passes and not one.better for one in found.values())
    pale = Brand(main="#ffd400", quiet="#9a8d80", tint="#f5e9d3")
    found = legibility.of(pale)
    assert found["main"].place in (legibility.LINKS_ON_WHITE, legibility.LINKS_ON_TINT)
    assert found["quiet"].ratio < 3 and found["quiet"].place == legibility.ON_TINT
    for name in ("main", "quiet"):
        setattr(pale, name, found[name].better)
    again = legibility.of(pale)
    assert again["main"].passes and again["quiet"].passes


def test_a_brand_that_nobody_chose_looks_as_before():
    light = branding.light(Brand())
    assert (light.accent, light.ink, light.quiet, light.page, light.tint) == (
        LIGHT.accent,
        LIGHT.ink,
        LIGHT.quiet,
        LIGHT.page,
        LIGHT.tint,
    )
    assert Brand().radius == Look().radius


@pytest.mark.parametrize("main", ODD)
def test_what_words_have_in_the_dark_can_be_read(main):
    dark = branding.dark(Brand(main=main))
    assert colours.least(dark.link, [DARK.sheet, DARK.tint]) >= colours.READABLE
    assert contrast(dark.on_accent, dark.accent) >= colours.READABLE
    assert contrast(dark.accent, DARK.sheet) >= colours.SHAPE


@pytest.mark.parametrize("main", ODD)
@pytest.mark.parametrize("page", ODD)
def test_pages_for_visitors_can_be_read_whatever_was_chosen(main, page):
    look = visitor_look.look_of(Brand(main=main, page=page, text=page, quiet=main))
    for words in (look.text, look.quiet, look.link):
        assert colours.least(words, [WHITE, look.page]) >= colours.READABLE - 0.01
    assert contrast(look.on_button, look.button) >= colours.READABLE
