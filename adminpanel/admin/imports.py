from django.contrib import admin

from adminpanel.admin.readonly import ReadOnlyAdmin
from contacts.models import ContactImport


@admin.register(ContactImport)
class ContactImportAdmin(ReadOnlyAdmin):
    list_display = ["uploaded_at", "workspace", "state", "size", "rows", "created", "updated", "merged", "rejected"]
    list_filter = ["state"]
    list_select_related = ["workspace"]
    fields = [
        "workspace",
        "state",
        "problem",
        "size",
        "encoding",
        "delimiter",
        "rows",
        "created",
        "updated",
        "merged",
        "rejected",
        "kept_out",
        "uploaded_at",
        "finished_at",
    ]
