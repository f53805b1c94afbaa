from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from import_export.admin import ExportMixin
from import_export.resources import ModelResource
from tablib import Dataset

from accounts.models import AuditEntry, Workspace
from adminpanel.admin.readonly import ReadOnlyAdmin
from contacts.exports import sources
from contacts.exports.formats import as_text
from contacts.models import Contact
from kernel.csvfiles import safe_cell

MOST = 10_000  # what the admin keeps in memory; the product's own export has no such end


class ContactResource(ModelResource):
    """Contacts out, with the columns of the product's own export; never in: an import must say how people agreed."""

    class Meta:
        model = Contact
        fields = ["id"]

    def __init__(self, actor=None, **kwargs):
        super().__init__(**kwargs)
        self._actor = actor

    def export(self, queryset=None, **kwargs):
        data = Dataset(headers=["workspace", *sources.FIXED, "fields"])
        for workspace_id, ids in by_workspace(queryset).items():
            self._note(workspace_id, len(ids))
            source = sources.contacts(workspace_id, "c.id = ANY(%(ids)s)", {"ids": ids})
            names = [column.name for column in source.columns[len(sources.FIXED) :]]
            for rows in source.chunks():
                for row in rows:
                    data.append([workspace_id, *self._cells(row, names)])
        return data

    def _note(self, workspace_id: int, number: int) -> None:
        """The merchant's audit log says that staff took contacts along."""
        AuditEntry.objects.create(
            workspace_id=workspace_id, actor=self._actor, verb="contacts.exported_by_staff", detail={"number": number}
        )

    @staticmethod
    def _cells(row: tuple, names: list[str]) -> list[str]:
        recipient_part = zip(names, row[len(sources.FIXED) :], strict=True)
        fields = "; ".join(f"{name}={as_text(value)}" for name, value in recipient_part if value is not None)
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
    list_filter = ["status"]
    search_fields = ["email", "phone"]
    search_help_text = _("A complete e-mail address or phone number")
    list_select_related = ["workspace"]
    ordering = ["-id"]
    fields = [
        *["workspace", "email", "phone", "external_id", "first_name", "last_name", "language", "status", "sms_status"],
        *["whatsapp_status", "tracking_status", "source", "created_at", "updated_at", "deleted_at", "erased_at"],
    ]

    def get_search_results(self, request, queryset, search_term):
        """By the keys, which begin with the workspace: one look for each, instead of one at everybody."""
        if words := search_term.strip():
            known = Q(email=words.lower()) | Q(phone=words)
            queryset = queryset.filter(known, workspace_id__in=list(Workspace.objects.values_list("pk", flat=True)))
        return queryset, False

    def get_export_resource_kwargs(self, request, **kwargs):
        return super().get_export_resource_kwargs(request, **kwargs) | {"actor": request.user}

    def get_export_data(self, file_format, request, queryset, **kwargs):
        if queryset.order_by()[: MOST + 1].count() > MOST:
            words = _(
                "This file contains only the newest %(n)d contacts. Filter the list, or use the workspace's own export."
            )
            messages.warning(request, words % {"n": MOST})
        return super().get_export_data(file_format, request, queryset, **kwargs)
