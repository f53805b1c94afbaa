"""What staff set for all workspaces or one: quotas, the warm-up plan, limits of mailbox providers."""

from django import forms
from django.contrib import admin
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

    def clean(self):
        values = super().clean()
        if values.get("starts_at") and values.get("ends_at") and values["ends_at"] <= values["starts_at"]:
            self.add_error("ends_at", _("The period must end after it starts."))
        return values

    def save(self, commit=True):
        self.instance.workspace = self.cleaned_data["workspace"]
        return super().save(commit)


@admin.register(Quota)
class QuotaAdmin(admin.ModelAdmin):
    form = QuotaForm
    list_display = ["workspace", "channel", "starts_at", "ends_at", "most", "used"]
    list_select_related = ["workspace"]
    fields = ["workspace", "channel", "starts_at", "ends_at", "most", "used"]
    readonly_fields = ["used"]

    def get_form(self, request, obj=None, **kwargs):
        # The workspace is a field of the form alone: of the model it is not to be edited anywhere else.
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

    def has_add_permission(self, request):
        return False  # it begins by itself


@admin.register(MailboxLimit)
class MailboxLimitAdmin(admin.ModelAdmin):
    list_display = ["domain", "per_second"]
