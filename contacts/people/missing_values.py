"""How many contacts have nothing under a merge tag."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Q
from django.db.models.fields.json import KeyTextTransform

from contacts.models import Contact

SAMPLE = 10_000  # of the newest contacts: more would make a page wait
MAX_NAMES = 20


@dataclass(frozen=True)
class Missing:
    size: int  # contacts that were looked at
    counts: dict[str, int]  # of them, those without a value, by name
    is_sample: bool  # whether there are more than these contacts


def count(names: Collection[str]) -> Missing:
    """Among the newest contacts of the active workspace, for merge tags of contacts and names of own fields."""
    asked = sorted(names)[:MAX_NAMES]
    columns = {f"value_{n}": KeyTextTransform(name, "attributes") for n, name in enumerate(asked) if name not in _EMPTY}
    people = Contact.objects.present().order_by("-pk").annotate(**columns)[: SAMPLE + 1]
    conditions = {
        f"n_{n}": Count("pk", filter=_EMPTY.get(name) or Q(**{f"value_{n}": ""}) | Q(**{f"value_{n}__isnull": True}))
        for n, name in enumerate(asked)
    }
    found = people.aggregate(size=Count("pk"), **conditions)
    counts = {name: found[f"n_{n}"] for n, name in enumerate(asked)}
    return Missing(min(found["size"], SAMPLE), counts, is_sample=found["size"] > SAMPLE)


_EMPTY = {
    "email": Q(email="") | Q(email__isnull=True),
    "phone": Q(phone="") | Q(phone__isnull=True),
    "first_name": Q(first_name=""),
    "last_name": Q(last_name=""),
    "full_name": Q(first_name="", last_name=""),
}
