"""Names of countries in the reader's language."""

from django.utils import translation

from accounts import countries


def test_countries_are_sorted_as_the_readers_dictionaries_do():
    with translation.override("fr"):
        names = [name for _code, name in countries.choices()]
    assert names.index("Espagne") < names.index("Éthiopie") < names.index("Finlande")
    assert names.index("Inde") > names.index("Îles Féroé") > names.index("Hongrie") and names[-1].startswith("Z")
    with translation.override("en"):
        assert countries.choices()[0][1] == "Afghanistan"
