"""gunicorn reads this file where it is started in this folder: `gunicorn config.wsgi` needs no options."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured

from config import startup

try:
    startup.read_env_file()
    startup.use_embedded_database()
    # Only now: the import reads all settings.
    from config.settings.environment import setting
    from config.settings.logs import LOGGING

    # At least two: one can be busy, or be restarted.
    workers = setting("WEB_CONCURRENCY", int, max(2, min(4, os.cpu_count() or 2)))
except ImproperlyConfigured as problem:
    sys.exit(f"Fanfare can't start: {problem}")
worker_class = "config.webserver.BufferingWorker"
threads = 8
worker_connections = 1000  # of each process, most of them idle or slow
graceful_timeout = 30
control_socket_disable = True
loglevel = "warning"
# gunicorn's own lines look as all others do.
logconfig_dict = LOGGING | {
    "loggers": {"gunicorn.error": {"handlers": ["stderr"], "level": "WARNING", "propagate": False}}
}
