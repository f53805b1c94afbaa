"""The CSV file of the demo, made up the same way each time: what merchants' files are like, faults included."""

import random

FIRST = [
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
LAST = [
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
BAD = ["not an address", "two@@example.com", "with space@example.com", ""]


def csv_text(size: int) -> str:
    """A semicolon-separated file with `size` good rows, some repeated and some broken ones."""
    dice = random.Random(7)
    lines = ["E-mail;Prénom;Nom;Ville;Étiquettes"]
    for n in range(size):
        first, last = dice.choice(FIRST), dice.choice(LAST)
        tags = "customer" if n % 3 == 0 else "customer,vip" if n % 10 == 0 else ""
        lines.append(f"person{n}@example.com;{first};{last};{dice.choice(CITIES)};{tags}")
        if n % 100 == 99:
            lines.append(f"PERSON{n}@example.com;{first};;;")
    lines += [f"{address};Nobody;;;" for address in BAD]
    return "\n".join(lines) + "\n"
