"""What a block of HTML may cost when it is saved, by counts: the time depends on the machine."""

import pytest
from django import forms

from templates_app.blocks.types.html import MAX_ELEMENTS, MAX_LENGTH, MAX_SELECTORS, HtmlField
from templates_app.sanitising import sanitise


@pytest.mark.parametrize(
    "html",
    [
        "<a>" * 25_000,
        "<font><p>" * 5000,
        "".join(f"<font size={n}><p>" for n in range(90)) * 6,
        "<table>" * 12_000,
        "<br>" * (MAX_ELEMENTS + 1),
        "<table>" + "<tr><td>" * 12_000,
        "<!---->" * (MAX_ELEMENTS + 1),
    ],
)
def test_many_elements_are_refused(html):
    with pytest.raises(forms.ValidationError, match=r"(elements and comments\. Split it|nested elements\. Close)"):
        HtmlField().clean(html[:MAX_LENGTH])


@pytest.mark.parametrize("sheet", ["a," * 49_000 + "b{}", "a{}" * 30_000, "@media all{" + "a,b{}" * 3000])
@pytest.mark.parametrize("end", ["</style>", ""])
def test_many_selectors_are_refused(sheet, end):
    with pytest.raises(forms.ValidationError, match=f"more than {MAX_SELECTORS} selectors"):
        HtmlField().clean(f"<style>{sheet}{end}")


def test_usual_html_is_not():
    rows = "<tr><td>a</td></tr>" * 1000
    sheet = "".join(f".c{n},.d{n}{{color:#123456}}" for n in range(1000))
    kept = HtmlField().clean(f"<style>{sheet}</style><table>{rows}</table>")
    assert kept.count("<td>") == 1000 and ".d999" in kept


def test_whole_messages_may_have_more():
    assert sanitise("<br>" * (MAX_ELEMENTS + 1)).html.count("<br>") == MAX_ELEMENTS + 1
