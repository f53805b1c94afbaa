"""Limits that staff set for one or all workspaces: quotas, the warm-up plan, limits of mailbox providers."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from billing.models import Quota
from delivery.models import MailboxLimit, WarmUp, WarmUpStep


class QuotaForm(forms.ModelForm):
    workspace = forms.ModelChoiceField(Workspace.objects.order_by("name"), label=_("workspace"))

    class Meta:
        model = Quota
        fields = ["channel", "starts_at", "ends_at", "most"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["workspace"].initial = self.instance.workspace_id

    def clean(self) -> dict:
        super().clean()
        values = self.cleaned_data
        if values.get("starts_at") and values.get("ends_at") and values["ends_at"] <= values["starts_at"]:
            self.add_error("ends_at", _("The period must end after it starts."))
        return values

    def save(self, commit: bool = True) -> Quota:
        self.instance.workspace = self.cleaned_data["workspace"]
        return super().save(commit)


@admin.register(Quota)
class QuotaAdmin(admin.ModelAdmin):
    form = QuotaForm
    list_display = ["workspace", "channel", "starts_at", "ends_at", "most", "used"]
    list_select_related = ["workspace"]
    fields = ["workspace", "channel", "starts_at", "ends_at", "most", "used"]
    readonly_fields = ["used"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs) -> type[QuotaForm]:
        # Without Django's modelform_factory: the workspace is not editable in the model, only in this form.
        return QuotaForm


@admin.register(WarmUpStep)
class WarmUpStepAdmin(admin.ModelAdmin):
    list_display = ["from_day", "per_hour"]


@admin.register(WarmUp)
class WarmUpAdmin(admin.ModelAdmin):
    list_display = ["workspace", "started_at", "is_over"]
    list_filter = ["is_over"]
    list_select_related = ["workspace"]
    fields = ["workspace", "started_at", "is_over"]
    readonly_fields = ["workspace"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # delivery starts it


@admin.register(MailboxLimit)
class MailboxLimitAdmin(admin.ModelAdmin):
    list_display = ["domain", "per_second"]
