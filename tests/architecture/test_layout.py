"""Files have lines and numbers that can be read and reviewed. bin/check tests their layout."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    path
    for pattern in ("templates/**/*", "static/css/**/*", "static/js/**/*", "assets/*")
    for path in ROOT.glob(pattern)
    # The line ends of a plain-text mail are in the mail; other texts are those of a package, to be translated.
    if path.is_file() and path.suffix != ".txt"
]
MAX_LINE_LENGTH = 140


def test_no_line_is_too_long_to_read():
    assert len(FILES) > 200, "a pattern finds nothing"
    assert not [
        f"{path.relative_to(ROOT)}:{n}"
        for path in FILES
        for n, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > MAX_LINE_LENGTH
    ]


def test_each_decision_has_a_number_of_its_own():
    numbers = [path.name[:4] for path in (ROOT / "docs/decisions").glob("*.md")]
    assert len(numbers) > 20, "the pattern finds nothing"
    assert len(numbers) == len(set(numbers))
