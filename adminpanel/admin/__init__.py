from . import audiences, limits, people, queue, sending  # noqa: F401  (register)
