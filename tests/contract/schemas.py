"""Validates what we send against our providers' specifications: the part of OpenAPI 2.0 and 3.0 that they use."""

from __future__ import annotations

import re

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float)}
EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")


def faults(value, schema: dict, root: dict, at: str = "$") -> list[str]:
    """The faults of the value, each with its position. Properties that the schema does not name are faults as well,
    unless it names none."""
    schema = resolve(schema, root)
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind in ("integer", "number"))):
        return [f"{at}: {value!r:.60} is no {kind}"]
    found = [
        f"{at}: {value!r:.60} is not one of {schema['enum']}" for _ in [0] if value not in schema.get("enum", [value])
    ]
    if isinstance(value, str):
        found += _text(value, schema, at)
    elif isinstance(value, list):
        found += [
            f"{at}: more than {schema['maxItems']}" for _ in [0] if len(value) > schema.get("maxItems", len(value))
        ]
        for n, item in enumerate(value):
            found += faults(item, schema.get("items", {}), root, f"{at}[{n}]")
    elif isinstance(value, dict):
        found += _object(value, schema, root, at)
    return found


def resolve(schema: dict, root: dict) -> dict:
    while "$ref" in schema:
        found = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


def _text(value: str, schema: dict, at: str) -> list[str]:
    found = []
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        found.append(f"{at}: {len(value)} characters")
    if schema.get("format") == "email" and not EMAIL.fullmatch(value):
        found.append(f"{at}: {value!r} is no address")
    return found


def _object(value: dict, schema: dict, root: dict, at: str) -> list[str]:
    known = schema.get("properties", {})
    others = schema.get("additionalProperties", not known)
    found = [f"{at}: {name} is missing" for name in schema.get("required", []) if name not in value]
    for name, item in value.items():
        if name in known:
            found += faults(item, known[name], root, f"{at}.{name}")
        elif isinstance(others, dict):
            found += faults(item, others, root, f"{at}.{name}")
        elif not others:
            found.append(f"{at}: {name} is not known")
    return found
