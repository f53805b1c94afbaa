"""Names of countries in the reader's language."""

import pytest
from django.utils import translation

from accounts import countries
from accounts.models import Workspace


def test_countries_are_sorted_as_the_readers_dictionaries_do():
    with translation.override("fr"):
        names = [name for _code, name in countries.choices()]
    assert names.index("Espagne") < names.index("Éthiopie") < names.index("Finlande")
    assert names.index("Inde") > names.index("Îles Féroé") > names.index("Hongrie") and names[-1].startswith("Z")
    with translation.override("en"):
        assert countries.choices()[0][1] == "Afghanistan"


@pytest.mark.parametrize("last", ["France", " FRANCE ", "12 rue de la Paix\nfrance"])
def test_the_country_stands_once_in_an_address(last):
    workspace = Workspace(name="Cave", country="FR", postal_address=f"69001 Lyon\n{last}")
    with translation.override("en"):
        assert workspace.postal_line.lower().count("france") == 1 and workspace.postal_line.endswith(", France")
    workspace.country = "DE"
    assert workspace.postal_line.endswith(", Germany") and "rance" in workspace.postal_line.lower()
