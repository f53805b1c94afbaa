from django.contrib import admin

from adminpanel.admin.readonly import ReadOnlyAdmin
from contacts.models import Suppression


@admin.register(Suppression)
class SuppressionAdmin(ReadOnlyAdmin):
    list_display = ["at", "workspace", "channel", "reason"]
    list_filter = ["reason"]
    list_select_related = ["workspace"]
    fields = ["workspace", "channel", "reason", "at"]
