"""No cell of an exported file is a formula for a spreadsheet program."""

import pytest

from kernel.csvfiles import bare_cell, safe_cell


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠"])
def test_a_formula_gets_an_apostrophe_and_loses_it_again(start):
    text = f'{start}HYPERLINK("http://evil.example")'
    assert safe_cell(text) == "'" + text
    assert bare_cell(safe_cell(text)) == text


@pytest.mark.parametrize("text", ["+33612345678", "-5", "-5,5", "'quoted", "a=b", "", "1 = 1"])
def test_other_text_stays(text):
    assert safe_cell(text) == bare_cell(safe_cell(text)) == text
