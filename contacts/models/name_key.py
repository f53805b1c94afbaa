"""The key by which names of tags and lists are compared: “VIP”, “vip” and “Vïp” are one."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django.db import models

#: SQL of the key of a name: without accents (Unicode, compatibility decomposition) and in lower case.
NAME_KEY = r"lower(regexp_replace(normalize({0}, NFKD), '[\u0300-\u036f]', '', 'g'))"
_MARKS = re.compile("[\u0300-\u036f]")


def fold(name: str) -> str:
    """NAME_KEY in Python, for keys of other things in which a name is only a part. Names are found by the database's,
    whose small letters of rare scripts may be older ones. `kernel.words.fold` goes further: there "Cœur" is "Coeur"."""
    # Letter by letter: of a whole word, Python writes the last Σ differently.
    return "".join(sign.lower() for sign in _MARKS.sub("", unicodedata.normalize("NFKD", name)))


class NameKey(models.Func):
    """The key of a name, as an expression. Names are compared by the database's key alone: Python's lower case differs
    in rare letters."""

    template = NAME_KEY.format("%(expressions)s")
    output_field = models.TextField(db_collation="C")
    arity = 1


class NameKeyField(models.GeneratedField):
    """The stored key of the row's `name`."""

    def __init__(self, **kwargs: Any):
        options: dict[str, Any] = {
            "expression": NameKey("name"),
            "output_field": models.TextField(db_collation="C"),
            "db_persist": True,
            "null": True,  # for migrations that add it; it never is
        }
        super().__init__(**options | kwargs)


def key_of(name: str) -> NameKey:
    """The key of this name, for a filter: `filter(name_key=key_of("VIP"))`."""
    return NameKey(models.Value(name, output_field=models.TextField()))
