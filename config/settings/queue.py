"""django-q2 with its ORM broker, so that enqueueing is part of the transaction.

Our own tables are authoritative: a job only tells a worker to look at them. `queue_limit` equals `workers`, and `retry`
is longer than any task may wait in memory; otherwise tasks run twice.
"""

import os

from config.recurring import RECURRING

_CORES = os.cpu_count() or 2
_ALT_CLUSTERS = {
    "bulk": {"workers": _CORES, "queue_limit": _CORES, "timeout": 60, "retry": 180, "recycle": 50},
    "imports": {"workers": 1, "queue_limit": 1, "timeout": 300, "retry": 660, "recycle": 20},
}
Q_CLUSTER = {
    "name": "default",
    "label": "Queue",
    "orm": "default",
    "workers": 2,
    "queue_limit": 2,
    "bulk": 1,
    "poll": 0.3,
    "timeout": 60,
    "retry": 180,
    "max_attempts": 5,
    "ack_failures": False,
    "catch_up": False,
    "save_limit": 0,
    "recycle": 200,
    "max_rss": 400_000,
    "ALT_CLUSTERS": _ALT_CLUSTERS,
}
RECURRING_JOBS = RECURRING
QUEUES = ["default", *_ALT_CLUSTERS]
