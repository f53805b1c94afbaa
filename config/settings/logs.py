"""One line per event on standard error. Never log an address, a body or a secret."""

from .environment import setting

LOG_LEVEL = setting("LOG_LEVEL", default="INFO").upper()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "kernel.logs.LineFormatter", "fmt": "{asctime} {levelname} {name} {message}", "style": "{"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "fanfare": {"level": LOG_LEVEL},
        "django.request": {"level": "ERROR"},
        "django-q": {"level": "WARNING"},
    },
}
