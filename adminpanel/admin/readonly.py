from django.contrib import admin


class ReadOnlyAdmin(admin.ModelAdmin):
    """To look at, not to change: the product's own pages and jobs write these rows."""

    show_full_result_count = False
    actions = None

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
