"""The product's settings, with a folder for collected static files that no other run writes to."""

import os
from pathlib import Path

from config.settings import *  # noqa: F403  (settings are read by name, as Django does)

STATIC_ROOT = Path(os.environ["STATIC_ROOT"])
