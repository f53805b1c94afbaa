"""Texts that cost an interpreter of Liquid very much time or memory, and generated ones of their kind."""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable

LETTERS = "'" + "a" * 1000 + "'"
WORDS = "'" + "a," * 1500 + "'"
MANY = "(1..300000000)"
NUMBERS = "{% capture x %}{% for i in (1..1999) %}{{ i }},{% endfor %}{% endcapture %}"
LONG = "{% capture x %}{% for i in (1..2000) %}" + "a" * 45 + "{% endfor %}{% endcapture %}"

#: Found by an attacker, by what they abuse.
FOUND = {
    "outputs without an end": "{{" * 6000,
    "many more of them": "{{" * 250_000,
    "tags without an end": "{%" * 200_000,
    "raw without an end": "{% raw %}" * 4000,
    "doc without an end": "{% doc %}" * 30_000,
    "comments without an end": "{% comment %}" * 30_000,
    "an end far away": "{{ a" + " " * 400_000 + "}}",
    "brackets that look ahead": "{{ " + "(" * 200_000 + " }}",
    "brackets in many tags": ("{{ a" + "['a'" * 90 + " }}") * 500,
    "very many outputs": "{{ a }}" * 60_000,
    "very many links": "<a href='http://a.example'>" * 15_000,
    "conditions in conditions": "{% if a %}" * 5000,
    "paths in paths": "{{ a" + "[a" * 1500 + "]" * 1500 + " }}",
    "replacing letters by texts": "{{ " + LETTERS + f" | replace: 'a', {LETTERS}" * 2 + " | size }}",
    "and again": "{{ " + LETTERS + f" | replace: 'a', {LETTERS}" * 4 + " | size }}",
    "a range as a text": f"{{{{ {MANY} | join }}}}",
    "a range backwards": f"{{{{ {MANY} | reverse }}}}",
    "a range sorted": f"{{{{ {MANY} | sort | size }}}}",
    "a range without doubles": f"{{{{ {MANY} | uniq | size }}}}",
    "a range added up": "{{ (1..3000000000) | sum }}",
    "a range searched": f"{{% if {MANY} contains 'x' %}}a{{% endif %}}",
    "a slice of a range": f"{{{{ {MANY} | slice: 0, 300000000 | size }}}}",
    "a loop backwards": f"{{% for i in {MANY} reversed limit: 2 %}}a{{% endfor %}}",
    "a loop from far on": f"{{% for i in {MANY} offset: 299999990 %}}a{{% endfor %}}",
    "loop after loop": "{% for i in (1..2000) %}{{ i }}{% endfor %}" * 900,
    "a loop over very much": "{% for i in (1..2000) %}" + "{{ nobody }}" * 2900 + "{% endfor %}",
    "a loop over conditions": "{% for i in (1..2000) %}{% if a == 1 %}"
    + "{% elsif a == 2 %}" * 2500
    + "{% endif %}{% endfor %}",
    "a loop over large output": ("{% for i in (1..1900) %}{{ " + LETTERS + " }}{% endfor %}") * 40,
    "a text that doubles": "{% assign x = 'aaaaaaaaaa' %}" + "{% assign x = x | append: x %}" * 60,
    "a capture that doubles": "{% capture x %}aaaa{% endcapture %}"
    + "{% capture x %}{{ x }}{{ x }}{{ x }}{{ x }}{% endcapture %}" * 30,
    "a number that squares": "{% assign x = 99999999999999999999 %}" + "{% assign x = x | times: x %}" * 60,
    "a list that doubles": f"{{% assign x = {WORDS} | split: '.' %}}"
    + "{% assign x = x | concat: x %}" * 15
    + "{{ x }}",
    "a long separator": f"{{% assign x = {WORDS} | split: ',' %}}{{{{ x | join: {WORDS} }}}}",
    "escapes of escapes": "{% assign x = '&&&&' %}" + "{% assign x = x | escape | url_encode %}" * 60,
    "very many names": "".join(f"{{% assign v{n} = 'aaaa' %}}" for n in range(2900)),
    "long names of cycles": f"{{% assign b = {WORDS} %}}{{% for i in (1..2000) %}}"
    "{% assign c = b | append: i %}{% cycle c: 'a' %}{% endfor %}",
    "a date as wide as a house": "{{ 'now' | date: '%4000000000Y' }}",
    "a very long date": "{{ 'now' | date: '" + "%c" * 2000 + "' }}",
    "doubles among many": NUMBERS + "{% assign y = x | split: ',' %}" + "{% assign z = y | uniq %}" * 500,
    "sorting again and again": NUMBERS
    + "{% assign y = x | split: ',' %}"
    + "{% assign z = y | sort_natural | reverse | sort %}" * 500,
    "tags taken out of what is none": LONG.replace("a" * 45, "<" * 40 + ">") + "{{ x | strip_html | size }}" * 50,
    "a search from the end": LONG + "{{ x | append: 'b' | replace_last: x, 'a' | remove_last: x }}" * 50,
    "blanks in a liquid tag": "{% liquid a x" + " " * 100_000 + "y %}",
    "a parser that stumbles": "{{ '<![ >' | strip_html }}{{ '²' | date: '%Y' }}{{ 'inf' | ceil }}",
}

_STARTS = [
    "name",
    LETTERS,
    MANY,
    "(1..1999)",
    "(a..9999999999)",
    "9" * 300,
    "1.5",
    "x",
    "'1,2,3'",
    "'%d'",
    "true",
    "nil",
]
_ARGUMENTS = [*_STARTS, "''", "','", "'a'", "-1", "0", "7", "999999999999"]
_PIECES = [
    "{{",
    "}}",
    "{%",
    "%}",
    "{% raw %}",
    "{% endraw %}",
    "{% if x %}",
    "{% endif %}",
    "{%-",
    "-}}",
    "'",
    "(",
    "[",
]


Filters = dict[str, Callable]


def generated(n: int, filters: Filters, seed: int = 1) -> list[str]:
    """`n` texts: chains of filters over large values, in loops and assignments, and heaps of pieces of tags."""
    chance = random.Random(seed)  # the same ones each time
    return [_heap(chance) if number % 6 == 0 else _program(chance, filters) for number in range(n)]


def _heap(chance: random.Random) -> str:
    return "".join(chance.choice(_PIECES) * chance.choice([1, 3, 2000]) for _ in range(chance.randint(2, 9)))


def _program(chance: random.Random, filters: Filters) -> str:
    steps = [f"{{% assign x = {LETTERS} %}}"]
    for _ in range(chance.randint(1, 3)):
        chain = chance.choice(_STARTS) + "".join(_filter(chance, filters) for _ in range(chance.randint(1, 3)))
        steps.append(
            chance.choice(
                [
                    "{{{{ {} }}}}",
                    "{{% assign x = {} %}}",
                    "{{% for i in (1..2000) %}}{{% assign x = {} %}}{{% endfor %}}",
                    "{{% capture x %}}{{{{ {} }}}}{{{{ x }}}}{{% endcapture %}}",
                ]
            ).format(chain)
        )
    return "".join(steps) * chance.choice([1, 1, 20])


def _filter(chance: random.Random, filters: Filters) -> str:
    name = chance.choice(sorted(filters))
    places = [
        place for place in inspect.signature(filters[name]).parameters.values() if place.kind != place.KEYWORD_ONLY
    ]
    required = sum(place.default is place.empty for place in places) - 1
    given = [chance.choice(_ARGUMENTS) for _ in range(chance.randint(required, len(places) - 1))]
    return f" | {name}" + (": " + ", ".join(given) if given else "")
