"""Addresses of exports."""

from django.urls import path

from contacts.views.exports import exports

urlpatterns = [
    path("exports/", exports.index, name="exports"),
    path("exports/new/", exports.create, name="new_export"),
    path("exports/new/workspace/", exports.whole, name="new_workspace_export"),
    path("exports/<int:pk>/", exports.show, name="export"),
    path("exports/<int:pk>/download/", exports.download, name="download_export"),
    path("exports/<int:pk>/delete/", exports.delete, name="delete_export"),
    path("suppression/export/", exports.suppressions, name="export_suppressions"),
]
