from django.contrib import admin

from adminpanel.admin.readonly import ReadOnlyAdmin
from delivery.models import WorkerBeat


@admin.register(WorkerBeat)
class WorkerBeatAdmin(ReadOnlyAdmin):
    list_display = ["queue", "at"]
