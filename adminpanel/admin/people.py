from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from import_export.resources import ModelResource

from accounts import actors, audit
from accounts.models import AuditEntry, Job, Membership, User, Workspace
from adminpanel.admin.exporting import SafeExportMixin
from adminpanel.admin.readonly import ReadOnlyAdmin
from kernel.http import client_address
from kernel.tenancy import scope, through_engine


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ["user", "workspace"]


class NotesMemberships(admin.ModelAdmin):
    """Members whom staff add, change or take out stand in the workspace's audit log, where its owners read it."""

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        if formset.model is not Membership:
            return
        actor = actors.person(request.user, client_address(request))  # type: ignore[arg-type]  # staff are signed in
        changed = [membership for membership, _fields in formset.changed_objects]
        for verb, memberships in (
            ("member.added_by_staff", formset.new_objects),
            ("member.changed_by_staff", changed),
            ("member.removed_by_staff", formset.deleted_objects),
        ):
            for membership in memberships:
                with scope(membership.workspace_id), through_engine():
                    audit.record(actor, verb, member=membership.user_id, role=membership.role)


class WorkspaceResource(ModelResource):
    class Meta:
        model = Workspace
        fields = ["id", "name", "slug", "country", "time_zone", "language", "created_at"]


@admin.register(Workspace)
class WorkspaceAdmin(SafeExportMixin, NotesMemberships):
    resource_classes = [WorkspaceResource]
    list_display = ["name", "slug", "country", "language", "onboarding", "created_at"]
    list_filter = ["country", "language", "onboarding"]
    search_fields = ["name", "slug"]
    readonly_fields = ["created_at"]
    inlines = [MembershipInline]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # closing a workspace is more than deleting a row


@admin.register(User)
class UserAdmin(NotesMemberships):
    list_display = ["email", "name", "language", "is_active", "is_staff", "last_login", "date_joined"]
    list_filter = ["is_staff", "is_active", "language"]
    search_fields = ["email", "name"]
    fields = ["email", "name", "language", "is_active", "is_staff", "last_login", "date_joined"]
    readonly_fields = ["last_login", "date_joined"]
    inlines = [MembershipInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # people sign up, or are invited

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "workspace", "actor", "verb", "record", "record_id", "address"]
    list_filter = ["verb"]
    list_select_related = ["workspace", "actor"]


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "workspace", "kind", "state", "done", "total", "message", "owner"]
    list_filter = ["kind", "state"]
    list_select_related = ["workspace", "owner"]
