"""Finding contacts by the beginning of their address or name.

Three range scans, each stopping after a page: the cost does not grow with the table. (Under row-level security
PostgreSQL uses no GIN index, and LIKE no index at all.)
"""

from contacts.models import Contact

MOST = 50


def search(contacts, words: str) -> list[Contact]:
    """At most MOST contacts of the queryset whose e-mail, first name or last name begins with the words; "ana mar"
    finds first and last name together, in either order."""
    text = " ".join(words.lower().replace("\0", "").split())[:120]
    first, _, second = text.partition(" ")
    if second:
        pairs = [("first_key", first, "last_key", second), ("last_key", first, "first_key", second)]
        found = [contacts.filter(**{a: x}).starting_with(b, y) for a, x, b, y in pairs]
        found += [contacts.starting_with(field, text) for field in ("first_key", "last_key")]
    else:
        found = [contacts.starting_with(field, text) for field in ("email", "first_key", "last_key")]
    rows = {}
    for queryset, order in zip(found, ("email", "first_key", "last_key", "last_key"), strict=False):
        field = order if not second else "id"
        rows.update({contact.pk: contact for contact in queryset.order_by(field)[: MOST + 1]})
    return list(rows.values())[: MOST + 1]
