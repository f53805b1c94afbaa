from . import contacts, imports, limits, people, queue, sending, suppressions  # noqa: F401  (register)
