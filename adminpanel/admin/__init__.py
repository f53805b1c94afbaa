from . import audiences, contacts, limits, people, queue, sending  # noqa: F401  (register)
