"""The names under which lanes hold leases: machine, cluster and process, so that a watchdog can tell which are dead."""

from __future__ import annotations

import os
import socket

from django.db import connections

from delivery.models import Lease
from kernel.job_broker import cluster_id


def name_of(cluster: str, pid: int) -> str:
    return f"{socket.gethostname()[:50]}:{cluster}:{pid}"


def name_of_this_process() -> str:
    return name_of(cluster_id(), os.getpid())


def owners_in(cluster: str) -> dict[int, str]:
    """{process id: name} of the cluster's lanes that hold leases."""
    with connections["engine"].cursor() as cursor:
        cursor.execute("SELECT DISTINCT worker FROM delivery_lease WHERE state = %s", [int(Lease.State.TAKEN)])
        names = [name for (name,) in cursor.fetchall()]
    prefix = name_of(cluster, 0)[:-1]
    return {int(name.removeprefix(prefix)): name for name in names if name.startswith(prefix)}
