"""What differs between two texts, word by word, in bounded time."""

import time

import pytest

from templates_app.comparing import MAX_LINES, compare

MAX_SECONDS = 10


def told(change) -> tuple[str, str]:
    """Both lines, with what is changed in brackets."""
    sides = ("".join(f"[{p.text}]" if p.is_changed else p.text for p in side) for side in (change.old, change.new))
    return tuple(sides)


def test_words_that_differ_are_marked():
    found = compare("Hello Ana\n\nCome on Friday at six.\nBye", "Hello Ana\nCome on Saturday at six, please.\n\nBye")
    (change,) = found.changes
    assert told(change) == ("Come on [Friday] at six.", "Come on [Saturday] at six[, please].") and found.same == 2


def test_lines_that_were_added_and_removed():
    assert [told(change) for change in compare("A\nB", "A\nNew line here\nB").changes] == [("", "[New line here]")]
    assert [told(change) for change in compare("A\nOld line here\nB", "A\nB").changes] == [("[Old line here]", "")]


def test_lines_without_anything_in_common_are_marked_whole():
    (change,) = compare("Spring is here", "Buy two, get one").changes
    assert told(change) == ("[Spring is here]", "[Buy two, get one]")


def test_the_same_words_in_another_layout_are_the_same():
    assert compare("  A\n\n\nB ", "A\nB").changes == ()
    assert compare("", "").changes == ()


def test_texts_that_differ_too_much_are_shown_unmarked():
    old, new = ("\n".join(f"{word} {n}" for n in range(MAX_LINES + 1)) for word in ("old", "new"))
    found = compare(f"Same\n{old}", f"Same\n{new}")
    assert not found.is_marked and found.same == 1 and len(found.changes) == 1


def popular(n: int, other: str) -> str:
    """Words of which every other one is the same: each is found in many places."""
    return " ".join(f"the {other}{k}" for k in range(n // 2))


@pytest.mark.parametrize(
    "old, new",
    [
        ("\n".join(["a", "b"] * 200), "\n".join(["a", "c"] * 200)),
        ("\n".join(f"x{k}\nthe" for k in range(200)), "\n".join(f"y{k}\nthe" for k in range(200))),
        ("\n".join(popular(200, f"a{k}") for k in range(400)), "\n".join(popular(200, f"b{k}") for k in range(400))),
        (popular(400, "a"), popular(400, "b")),
        ("a " * 250_000, "b " * 250_000),
        ("a\n" * 250_000, "b\n" * 250_000),
    ],
    ids=["lines in turn", "lines between others", "many lines of words in turn", "words", "a long line", "many lines"],
)
def test_costly_texts_take_little_time(old, new):
    began = time.process_time()
    compare(old, new)
    assert time.process_time() - began < MAX_SECONDS
