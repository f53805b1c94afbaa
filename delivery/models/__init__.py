from .batch import Batch, Tally
from .captured import CapturedMessage
from .control import Control
from .day_fact import DayFact
from .deployment import Deployment
from .hit import Hit, HourlyHits, IncomingHit
from .lease import Lease, WorkspaceQueue
from .link import TrackedLink
from .message import Message
from .provider_account import DefaultAccount, ProviderAccount
from .seed_list import SeedList
from .sender import Sender
from .tester import Tester
from .throttle import Bucket, MailboxLimit, WarmUp, WarmUpStep
from .worker import WorkerBeat

__all__ = [
    "Batch",
    "Bucket",
    "CapturedMessage",
    "Control",
    "DayFact",
    "DefaultAccount",
    "Deployment",
    "Hit",
    "HourlyHits",
    "IncomingHit",
    "Lease",
    "MailboxLimit",
    "Message",
    "ProviderAccount",
    "SeedList",
    "Sender",
    "Tally",
    "Tester",
    "TrackedLink",
    "WarmUp",
    "WarmUpStep",
    "WorkerBeat",
    "WorkspaceQueue",
]
