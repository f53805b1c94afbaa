"""The WSGI application that gunicorn serves."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured

from config import startup

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
try:
    startup.read_env_file()
    startup.use_embedded_database()
    import django

    from kernel.wsgi import Handler

    django.setup(set_prefix=False)
    from delivery.wsgi import Tracking

    application = Tracking(Handler())
except ImproperlyConfigured as problem:
    sys.exit(f"Fanfare can't start: {problem}")
