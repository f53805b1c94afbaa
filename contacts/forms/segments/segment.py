"""The segment builder's form: a tree of groups and rules as flat fields. Each button sends it, and the server edits it.

Each group and rule has a number ("0", "0.1", "0.1.0"). The hidden field `node` lists them in order, with "g" or "r"
before the number; the names of the other fields contain it: match-0, on-0.1, op-0.1, with-0.1-value.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from contacts.forms.groups.picker import Picker
from contacts.forms.groups.unique_name import UniqueNameForm
from contacts.groups.pickers import Choice
from contacts.models import Segment
from contacts.segments import definition, schema_cache
from contacts.segments.conditions import Input
from contacts.segments.definition import Group, Rule

MAX_NODES = 200


class SegmentForm(UniqueNameForm):
    taken = _("There is already a segment with this name. Choose another one.")

    class Meta:
        model = Segment
        fields = ["name"]

    other_labels = {"definition": _("Conditions")}

    def edited_values(self) -> dict[str, Any]:
        return super().edited_values() | {"definition": self.instance.definition}


def empty() -> dict:
    """The data of a group with one empty rule."""
    return {"match": "all", "rules": [{"on": "", "op": ""}]}


def read(post: QueryDict) -> dict:
    """The tree of the form, as definition data, with the effect of the button that was pressed."""
    root: dict = {"match": "all", "rules": []}
    nodes = {"0": root}
    for entry in post.getlist("node")[:MAX_NODES]:
        kind, number = entry[:1], entry[1:]
        parent = nodes.get(number.rpartition(".")[0])
        if number == "0":
            root["match"] = post.get("match-0", "all")
        elif parent is not None and "rules" in parent and number not in nodes and post.get("remove") != number:
            node = nodes[number] = _group(post, number) if kind == "g" else _rule(post, number)
            parent["rules"].append(node)
    additions: dict[str, dict] = {"add": {"on": "", "op": ""}, "add_group": empty() | {"match": "any"}}
    for name, new in additions.items():
        group = nodes.get(post.get(name, ""))
        if group is not None and "rules" in group:
            group["rules"].append(new)
    return root


def was_edited(post: QueryDict) -> bool:
    """Whether another button than Save was pressed."""
    return any(name in post for name in ("add", "add_group", "remove", "refresh"))


def _group(post: QueryDict, number: str) -> dict:
    return {"match": post.get(f"match-{number}", "any"), "rules": []}


def _rule(post: QueryDict, number: str) -> dict:
    on, op = post.get(f"on-{number}", ""), post.get(f"op-{number}", "")
    prefix = f"with-{number}-"
    args: dict = {}
    for name in post:
        if name.startswith(prefix):
            values = post.getlist(name)
            args[name.removeprefix(prefix)] = values if len(values) > 1 else values[0]
    return {"on": on, "op": op, "with": args}


def view(root: Group, post: QueryDict | None = None) -> dict:
    """The tree for the template. `post` is the sent form with search texts, if JavaScript is off."""
    known = list(schema_cache.schema().subjects.values())
    grouped = [(label, list(items)) for label, items in groupby(known, key=lambda subject: subject.group)]
    return _view(root, "0", grouped, post or {})


def _view(part: Group | Rule, number: str, grouped: list, post: Mapping[str, Any]) -> dict:
    if isinstance(part, Group):
        parts = [_view(inner, f"{number}.{n}", grouped, post) for n, inner in enumerate(part.parts)]
        return {
            "number": number,
            "match": part.match,
            "parts": parts,
            "may_nest": number.count(".") + 1 < definition.MAX_DEPTH,
        }
    inputs = [_field(inp, part, number, post) for inp in part.operator.inputs] if part.operator else []
    return {
        "number": number,
        "id": number.replace(".", "-"),
        "rule": part,
        "grouped": grouped,
        "inputs": inputs,
    }


def _field(inp: Input, rule: Rule, number: str, post: Mapping[str, Any]) -> dict:
    value, names = rule.args.get(inp.name), rule.names.get(inp.name, {})
    if inp.kind == "lines" and isinstance(value, list):
        value = "\n".join(map(str, value))
    least, most = definition.WHOLE.get(inp.kind, (None, None))
    chosen = definition.given(value)
    name, label = f"with-{number}-{inp.name}", inp.label or (rule.subject.label if rule.subject else "")
    picker = None
    if inp.of is not None:
        choices = [Choice(inp.of, key, names.get(key, key), is_gone=key not in names) for key in chosen]
        picker = Picker(name, label, (inp.of,), choices, several=inp.kind == "choices").search_sent(post)
    return {
        "name": name,
        "kind": inp.kind,
        "label": label,
        "label_is_own": bool(inp.label),
        "value": "" if value is None else value,
        "least": least,
        "most": most,
        "options": [(key, text, key in chosen) for key, text in names.items()],
        "picker": picker,
    }
