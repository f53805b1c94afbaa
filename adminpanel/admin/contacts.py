from django.contrib import admin
from django.core.paginator import Paginator
from django.utils.functional import cached_property
from import_export.admin import ExportMixin
from import_export.resources import ModelResource
from tablib import Dataset

from accounts.models import AuditEntry
from adminpanel.admin.readonly import ReadOnlyAdmin
from contacts.exporting import sources
from contacts.exporting.formats import as_text
from contacts.models import Contact
from kernel.csvfiles import safe_cell

MOST = 10_000  # what the admin keeps in memory; the product's own export has no such end


class ContactResource(ModelResource):
    """Contacts out, with the columns of the product's own export; never in: an import must say how people agreed."""

    class Meta:
        model = Contact
        fields = ["id"]

    def export(self, queryset=None, **kwargs):
        data = Dataset(headers=["workspace", *sources.FIXED, "fields"])
        for workspace_id, ids in by_workspace(queryset).items():
            source = sources.contacts(workspace_id, "c.id = ANY(%(ids)s)", {"ids": ids})
            names = [column.name for column in source.columns[len(sources.FIXED) :]]
            for rows in source.chunks():
                for row in rows:
                    data.append([workspace_id, *self._cells(row, names)])
        return data

    @staticmethod
    def _cells(row: tuple, names: list[str]) -> list[str]:
        own = zip(names, row[len(sources.FIXED) :], strict=True)
        fields = "; ".join(f"{name}={as_text(value)}" for name, value in own if value is not None)
        return [safe_cell(as_text(cell)) for cell in (*row[: len(sources.FIXED)], fields)]


def by_workspace(contacts) -> dict[int, list[int]]:
    ids: dict[int, list[int]] = {}
    for workspace_id, pk in contacts.order_by("-pk").values_list("workspace_id", "pk")[:MOST]:
        ids.setdefault(workspace_id, []).append(pk)
    return ids


class Uncounted(Paginator):
    """Pages without a count over everybody's contacts."""

    @cached_property
    def count(self):
        return self.object_list.values("pk")[: MOST + 1].count()


@admin.register(Contact)
class ContactAdmin(ExportMixin, ReadOnlyAdmin):
    resource_classes = [ContactResource]
    paginator = Uncounted
    list_display = ["id", "workspace", "email", "phone", "status", "source", "created_at", "deleted_at"]
    list_filter = ["status", "source"]
    search_fields = ["=email", "=phone"]
    list_select_related = ["workspace"]
    ordering = ["-id"]
    fields = [
        *["workspace", "email", "phone", "external_id", "first_name", "last_name", "language", "status", "sms_status"],
        *["whatsapp_status", "tracking_status", "source", "created_at", "updated_at", "deleted_at", "erased_at"],
    ]

    def get_export_data(self, file_format, request, queryset, **kwargs):
        """The merchant's audit log says that staff took contacts along."""
        for workspace_id, ids in by_workspace(queryset).items():
            AuditEntry.objects.create(
                workspace_id=workspace_id,
                actor=request.user,
                verb="contacts.exported_by_staff",
                detail={"number": len(ids)},
            )
        return super().get_export_data(file_format, request, queryset, **kwargs)
