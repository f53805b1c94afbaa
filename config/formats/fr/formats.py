"""French, as Django has it, but for one thing: 27 novembre 2026 à 19:50."""

DATETIME_FORMAT = r"j F Y \à H:i"
