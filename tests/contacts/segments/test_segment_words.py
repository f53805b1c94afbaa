"""The description of conditions in a sentence, with plurals."""

import pytest

from contacts.segments import definition, describing
from kernel.tenancy import scope


@pytest.mark.parametrize(
    "on, op, args, words",
    [
        ("created", "last", {"days": "1"}, "is in the last 1 day."),
        ("created", "last", {"days": "7"}, "is in the last 7 days."),
        ("created", "older", {"days": "1"}, "is more than 1 day ago."),
        ("clicked", "not_last", {"days": "1"}, "not within the last 1 day."),
        ("clicked", "times", {"times": "3", "days": "30"}, "at least 3 times within the last 30 days."),
        ("clicked", "last", {}, "within the last … days."),
        ("clicked", "last", {"days": "many"}, "within the last many days."),
        ("clicked", "last", {"days": ["1", "2"]}, "days."),
    ],
)
def test_days(acme, on, op, args, words):
    with scope(acme):
        root = definition.read({"match": "all", "rules": [{"on": on, "op": op, "with": args}]})
        assert describing.sentence(root).endswith(words)


@pytest.mark.parametrize(
    "rules, words",
    [
        ([{"on": ""}], "…"),
        ([{"on": "created"}], "Added …"),
        (
            [{"on": "created"}, {"on": "created", "op": "last", "with": {"days": "1"}}],
            "Added … and Added is in the last 1 day.",
        ),
    ],
)
def test_an_unfinished_sentence_ends_with_its_dots(acme, rules, words):
    with scope(acme):
        assert describing.sentence(definition.read({"match": "all", "rules": rules})) == words
