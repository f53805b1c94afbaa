from .audit import AuditEntry
from .invitation import Invitation
from .job import Job
from .membership import Membership
from .notification import Notification
from .user import User
from .workspace import Workspace

__all__ = ["AuditEntry", "Invitation", "Job", "Membership", "Notification", "User", "Workspace"]
