"""The WSGI application that gunicorn serves."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured

from config import starting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
try:
    starting.read_env_file()
    starting.use_embedded_database()
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
except ImproperlyConfigured as problem:
    sys.exit(f"Fanfare can't start: {problem}")
