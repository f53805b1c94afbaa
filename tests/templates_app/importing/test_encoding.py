"""Files in the encodings that mail programs and word processors write."""

import pytest

from templates_app.importing import encoding
from templates_app.importing.problems import NotImportable

WORDS = "<p>Où va l’été ? Ça dépend, cœur, naïveté, 10 €.</p>"


@pytest.mark.parametrize(
    "data, name",
    [
        (WORDS.encode(), ""),
        (b"\xef\xbb\xbf" + WORDS.encode(), ""),
        (WORDS.encode("cp1252"), "Windows-1252"),
        (("\ufeff" + WORDS).encode("utf-16-le"), "UTF-16 LE"),
        (("\ufeff" + WORDS).encode("utf-16-be"), "UTF-16 BE"),
        (WORDS.encode("utf-16-le"), "UTF-16 LE"),
    ],
)
def test_the_text_is_read_whatever_its_encoding(data, name):
    found = encoding.decode(data, "FR")
    assert (found.text, found.encoding) == (WORDS, name)


@pytest.mark.parametrize("declared", ["windows-1252", "iso-8859-1", "utf-8", "utf-16", "klingon"])
def test_what_a_file_says_of_itself_is_believed_where_it_can_be_true(declared):
    head = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={declared}"></head>'
    found = encoding.decode((head + WORDS).encode("cp1252"), "FR")
    assert found.text.endswith(WORDS) and 'charset=utf-8"' in found.text


def test_central_european_files_say_so():
    text = "<meta charset='windows-1250'><p>Příliš žluťoučký kůň</p>"
    assert encoding.decode(text.encode("cp1250"), "FR").text.endswith("<p>Příliš žluťoučký kůň</p>")


@pytest.mark.parametrize(
    "data", ["<p>half \ud83d a character</p>".encode("utf-16-le", "surrogatepass"), b"<p>\0\0\0</p>"]
)
def test_what_is_no_text_is_refused(data):
    with pytest.raises(NotImportable, match="can't be read"):
        encoding.decode(b"\xff\xfe" + data if data[1] == 0 else data, "FR")
