"""Settings by subject. Values come from the environment (see .env.example); nothing here does work."""

from .base import *
from .auth import *
from .database import *
from .files import *
from .mail import *
from .queue import *
from .security import *
from .logs import *
from .sending import *
from .retention import *
from .forms import *
