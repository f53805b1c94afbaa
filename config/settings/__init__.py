"""Settings by subject. Values come from the environment (see .env.example); nothing here does work."""

from .base import *  # noqa: F403
from .people import *  # noqa: F403
from .database import *  # noqa: F403
from .mail import *  # noqa: F403
from .queue import *  # noqa: F403
from .security import *  # noqa: F403
from .logs import *  # noqa: F403
from .sending import *  # noqa: F403
