"""Reads full names as they are written in files."""

from __future__ import annotations


def split_name(name: str) -> tuple[str, str]:
    """(first name, last name): "Dupont, Marie", "DUPONT Marie" and "Marie Dupont" all have the first name Marie."""
    last, comma, first = name.partition(",")
    if comma:
        return first.strip(), last.strip()
    words = name.split()
    capitals = [word for word in words if len(word) > 1 and word.isupper()]
    if capitals and len(capitals) < len(words):
        return " ".join(word for word in words if word not in capitals), " ".join(capitals)
    return (words[0], " ".join(words[1:])) if words else ("", "")
