from . import audiences, people, queue, sending  # noqa: F401  (register)
