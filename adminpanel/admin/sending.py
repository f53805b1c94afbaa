from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from adminpanel.admin.readonly import ReadOnlyAdmin
from adminpanel.forms import ControlForm
from campaigns.models import Campaign
from delivery.models import Batch, Control, Lease, Message, ProviderAccount
from delivery.models.message import reason_text
from kernel import parameters


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "workspace", "name", "state", "fires_at", "started_at", "batch_links"]
    list_filter = ["state"]
    search_fields = ["name"]
    list_select_related = ["workspace"]

    @admin.display(description=gettext_lazy("batches"))
    def batch_links(self, campaign: Campaign) -> str:
        links = (
            (reverse("admin:delivery_batch_messages", args=[part.batch_id]), part.batch_id)
            for part in campaign.parts.all()
        )
        return format_html_join(", ", '<a href="{}">{}</a>', links) or "–"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("parts")


@admin.register(Batch)
class BatchAdmin(ReadOnlyAdmin):
    list_display = [
        "id",
        "workspace",
        "name",
        "purpose",
        "state",
        "is_paused",
        "created_at",
        "finished_at",
        "messages_link",
    ]
    list_filter = ["state", "purpose", "is_paused"]
    list_select_related = ["workspace"]
    fields = [
        "workspace",
        "name",
        "purpose",
        "channel",
        "state",
        "is_paused",
        "cursor",
        "filled_at",
        "created_at",
        "expires_at",
        "finished_at",
    ]

    def get_urls(self) -> list:
        view = self.admin_site.admin_view(self.messages)
        return [path("<int:pk>/messages/", view, name="delivery_batch_messages"), *super().get_urls()]

    @admin.display(description=gettext_lazy("messages"))
    def messages_link(self, batch: Batch) -> str:
        url = reverse("admin:delivery_batch_messages", args=[batch.pk])
        return format_html('<a href="{}">{}</a>', url, _("messages"))

    def messages(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The messages of a batch, read-only. The admin can't register Message, which has a composite key.

        They name people, so that seeing batches alone is not enough.
        """
        if not (self.has_view_permission(request) and request.user.has_perm("delivery.view_message")):
            raise PermissionDenied
        batch = get_object_or_404(Batch.objects.select_related("workspace"), pk=pk)
        after = parameters.number(request.GET, "after") or 0
        messages_of_batch = Message.objects.filter(batch_id=pk, contact_id__gt=after)
        state = parameters.number(request.GET, "state")
        if state in Message.State.values:
            messages_of_batch = messages_of_batch.filter(state=state)
        rows = list(messages_of_batch.order_by("contact_id")[:100])
        context = {
            **self.admin_site.each_context(request),
            "title": _("Messages in batch %(id)d") % {"id": pk},
            "batch": batch,
            "tallies": sorted(batch.tallies().items()),
            "rows": [(row, reason_text(row.reason)) for row in rows],
            "states": Message.State.choices,
            "after": rows[-1].contact_id if len(rows) == 100 else None,
            "state": state,
        }
        return render(request, "adminpanel/messages.html", context)


@admin.register(Lease)
class LeaseAdmin(ReadOnlyAdmin):
    list_display = [
        "id",
        "workspace",
        "batch_id",
        "low",
        "high",
        "handed",
        "round",
        "state",
        "worker",
        "until",
        "not_before",
    ]
    list_filter = ["state"]
    list_select_related = ["workspace"]


@admin.register(ProviderAccount)
class ProviderAccountAdmin(ReadOnlyAdmin):
    list_display = ["name", "workspace", "provider", "channels", "failures", "retry_at", "last_problem"]
    list_filter = ["provider"]
    list_select_related = ["workspace"]
    exclude = ["secret"]


@admin.register(Control)
class ControlAdmin(admin.ModelAdmin):
    """The kill switch. Setting it needs a reason and a confirmation. It can be lifted but never deleted."""

    list_display = ["set_at", "kind", "channel", "workspace", "reason", "set_by", "lifted_at", "lifted_by"]
    list_filter = ["kind", ("lifted_at", admin.EmptyFieldListFilter)]
    fields = ["kind", "channel", "workspace", "reason"]
    autocomplete_fields = ["workspace"]
    actions = ["lift"]
    actions_on_top = True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs) -> type[ModelForm]:
        return super().get_form(request, obj, change, form=ControlForm, **kwargs)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None) -> HttpResponse:
        if request.method == "POST" and parameters.text(request.POST, "confirmed") != "yes":
            form = self.get_form(request)(request.POST)
            if form.is_valid():
                context = {
                    **self.admin_site.each_context(request),
                    "title": _("Stop sending?"),
                    "form": form,
                    "control": form.instance,
                }
                return render(request, "adminpanel/confirm_control.html", context)
        return super().add_view(request, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Control, form: Any, change: bool) -> None:
        obj.set_by = request.user  # type: ignore[assignment]  # staff are signed in
        super().save_model(request, obj, form, change)

    @admin.action(description=gettext_lazy("Resume sending"))
    def lift(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
        lifted = queryset.filter(lifted_at=None).update(lifted_at=timezone.now(), lifted_by=request.user)
        messages.success(request, _("%(n)d switches lifted. Sending goes on within seconds.") % {"n": lifted})
        return HttpResponseRedirect(request.get_full_path())
