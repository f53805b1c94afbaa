"""gunicorn reads this file where it is started in this folder: `gunicorn config.wsgi` needs no options."""

import os

from config.settings.environment import setting
from config.startup import read_env_file

read_env_file()
worker_class = "config.webserver.BufferingWorker"
# At least two: one can be busy, or be restarted.
workers = setting("WEB_CONCURRENCY", int, max(2, min(4, os.cpu_count() or 2)))
threads = 8
worker_connections = 1000  # of each process, most of them idle or slow
graceful_timeout = 30
control_socket_disable = True
loglevel = "warning"
