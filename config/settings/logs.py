"""One event a line on standard error, as text or as JSON. Never log an address, a body or a secret."""

from django.core.exceptions import ImproperlyConfigured

from .environment import setting

LOG_LEVEL = setting("LOG_LEVEL", default="INFO").upper()
LOG_FORMAT = setting("LOG_FORMAT", default="line").lower()
if LOG_FORMAT not in ("line", "json"):
    raise ImproperlyConfigured(f"LOG_FORMAT is {LOG_FORMAT!r}; say line or json.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "kernel.logs.LineFormatter",
            "fmt": "{asctime} {levelname} {name} {request}{message}",
            "style": "{",
        },
        "json": {"()": "kernel.logs.JsonFormatter"},
    },
    "filters": {"refusals": {"()": "kernel.logs.WithoutTracebackOfRefusals"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["refusals"]}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "fanfare": {"level": LOG_LEVEL},
        "django.request": {"level": "ERROR"},
        "django-q": {"level": "WARNING"},
        # It warns of each request that waits for a thread: a flood of requests would be one of lines.
        "waitress.queue": {"level": "ERROR"},
    },
}
