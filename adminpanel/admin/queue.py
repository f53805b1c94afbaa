from django.contrib import admin

from adminpanel.admin.readonly import ReadOnlyAdmin
from delivery.models import WorkerBeat
from kernel.models import JobClaim


@admin.register(WorkerBeat)
class WorkerBeatAdmin(ReadOnlyAdmin):
    list_display = ["queue", "at"]


@admin.register(JobClaim)
class JobClaimAdmin(ReadOnlyAdmin):
    """What runs where."""

    list_display = ["job_id", "queue", "cluster", "pid", "claims", "claimed_at", "started_at"]
