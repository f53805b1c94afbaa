"""django-q2 with a broker and a cluster of our own (`kernel.job_broker`, `kernel.job_cluster`).

Enqueueing is part of the caller's transaction. Our own tables are authoritative: a job only tells a worker to look at
them.
"""

from config.recurring import RECURRING

from .sending import LANES

_ALT_CLUSTERS = {
    "bulk": {"workers": LANES, "timeout": 60, "recycle": 50},  # lanes only: as many at once as this machine has workers
    "filling": {"workers": 2, "timeout": 60, "recycle": 50},  # so that a large audience holds up no lane
    "imports": {"workers": 1, "timeout": 300, "recycle": 20},
}
Q_CLUSTER = {
    "name": "default",
    "label": "Queue",
    "orm": "default",
    "broker_class": "kernel.job_broker.Broker",
    "cache": "",  # no statistics: the sentinels would write to the database twice a second
    "scheduler": False,  # the watchdog enqueues the recurring jobs
    "workers": 2,
    "poll": 0.3,
    "timeout": 60,
    "retry": 600,  # unused: claims are short and prolonged (django-q2 warns where it is below the timeout)
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
