"""The CSV file of the demo: the same content each time, with errors as in merchants' real files."""

import random

FIRST_NAMES = [
    "Camille",
    "Léa",
    "Hugo",
    "Chloé",
    "Louis",
    "Emma",
    "Noé",
    "Zoé",
    "Théo",
    "Inès",
    "Jules",
    "Anaïs",
    "Marc",
    "Sofia",
    "Benoît",
    "Aïcha",
    "Yann",
    "Élodie",
    "Rémi",
    "Nour",
]
LAST_NAMES = [
    "Martin",
    "Bernard",
    "Dubois",
    "Durand",
    "Lefèvre",
    "Moreau",
    "Garnier",
    "Faure",
    "Rousseau",
    "Blanc",
    "Guérin",
    "Müller",
    "Benali",
    "Nguyen",
    "Lopez",
]
CITIES = ["Lyon", "Paris", "Nantes", "Lille", "Marseille", "Genève", "Bruxelles", ""]
INVALID_ADDRESSES = ["not an address", "two@@example.com", "with space@example.com", ""]


def csv_text(size: int) -> str:
    """A semicolon-separated file with `size` good rows, some repeated and some broken ones."""
    generator = random.Random(7)
    lines = ["E-mail;Prénom;Nom;Ville;Étiquettes"]
    for n in range(size):
        first, last = generator.choice(FIRST_NAMES), generator.choice(LAST_NAMES)
        tags = "customer" if n % 3 == 0 else "customer,vip" if n % 10 == 0 else ""
        lines.append(f"person{n}@example.com;{first};{last};{generator.choice(CITIES)};{tags}")
        if n % 100 == 99:
            lines.append(f"PERSON{n}@example.com;{first};;;")
    lines += [f"{address};Nobody;;;" for address in INVALID_ADDRESSES]
    return "\n".join(lines) + "\n"
