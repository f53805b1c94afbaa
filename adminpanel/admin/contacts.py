from typing import Any, cast

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from import_export.resources import ModelResource
from tablib import Dataset

from accounts.models import AuditEntry, User, Workspace
from adminpanel.admin.exporting import SafeExportMixin
from adminpanel.admin.readonly import ReadOnlyAdmin
from contacts.exports import sources
from contacts.exports.formats import as_text
from contacts.models import Contact
from kernel.csvfiles import safe_cell

MAX_ROWS = 10_000  # the admin keeps them in memory; the product's own export has no such limit


class ContactResource(ModelResource):
    """Export with the columns of the product's own export. There is no import: one must say how people gave consent."""

    class Meta:
        model = Contact
        fields = ["id"]

    def __init__(self, actor: User | None = None, **kwargs):
        super().__init__(**kwargs)
        self._actor = actor

    def export(self, queryset: Any = None, **kwargs) -> Dataset:
        data = Dataset(headers=["workspace", *sources.FIXED, "fields"])
        for workspace_id, ids in by_workspace(queryset).items():
            self._record(workspace_id, len(ids))
            source = sources.contacts(workspace_id, "c.id = ANY(%(ids)s)", {"ids": ids})
            names = [column.name for column in source.columns[len(sources.FIXED) :]]
            for rows in source.chunks():
                for row in rows:
                    data.append([workspace_id, *self._cells(row, names)])
        return data

    def _record(self, workspace_id: int, number: int) -> None:
        """Write to the merchant's audit log that staff exported contacts."""
        AuditEntry.objects.create(
            workspace_id=workspace_id, actor=self._actor, verb="contacts.exported_by_staff", detail={"number": number}
        )

    @staticmethod
    def _cells(row: tuple, names: list[str]) -> list[str]:
        custom_fields = zip(names, row[len(sources.FIXED) :], strict=True)
        fields = "; ".join(f"{name}={as_text(value)}" for name, value in custom_fields if value is not None)
        return [safe_cell(as_text(cell)) for cell in (*row[: len(sources.FIXED)], fields)]


def by_workspace(contacts: QuerySet) -> dict[int, list[int]]:
    """workspace id -> ids of its contacts, for the newest MAX_ROWS contacts."""
    ids: dict[int, list[int]] = {}
    for workspace_id, pk in contacts.order_by("-pk").values_list("workspace_id", "pk")[:MAX_ROWS]:
        ids.setdefault(workspace_id, []).append(pk)
    return ids


class CappedPaginator(Paginator):
    """Pages without a full count, which would read every workspace's contacts."""

    @cached_property
    def count(self) -> int:
        return cast(QuerySet, self.object_list).values("pk")[: MAX_ROWS + 1].count()


@admin.register(Contact)
class ContactAdmin(SafeExportMixin, ReadOnlyAdmin):
    resource_classes = [ContactResource]
    paginator = CappedPaginator
    list_display = ["id", "workspace", "email", "phone", "status", "source", "created_at", "deleted_at"]
    list_filter = ["status"]
    search_fields = ["email", "phone"]
    search_help_text = _("A complete e-mail address or phone number")
    list_select_related = ["workspace"]
    ordering = ["-id"]
    fields = [
        *["workspace", "email", "phone", "external_id", "first_name", "last_name", "language", "status", "sms_status"],
        *["whatsapp_status", "tracking_status", "source", "created_at", "updated_at", "deleted_at", "erased_at"],
    ]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Search by the keys, which begin with the workspace: one look-up per workspace and no scan of all rows."""
        if query := search_term.strip():
            matches = Q(email=query.lower()) | Q(phone=query)
            queryset = queryset.filter(matches, workspace_id__in=list(Workspace.objects.values_list("pk", flat=True)))
        return queryset, False

    def get_export_resource_kwargs(self, request: HttpRequest, **kwargs) -> dict:
        return super().get_export_resource_kwargs(request, **kwargs) | {"actor": request.user}

    def get_export_data(self, file_format: Any, request: HttpRequest, queryset: QuerySet, **kwargs) -> Any:
        if queryset.order_by()[: MAX_ROWS + 1].count() > MAX_ROWS:
            text = _(
                "This file contains only the newest %(n)d contacts. Filter the list, or use the workspace's own export."
            )
            messages.warning(request, text % {"n": MAX_ROWS})
        return super().get_export_data(file_format, request, queryset, **kwargs)
