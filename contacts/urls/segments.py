"""Addresses of segments."""

from django.urls import path

from contacts.views.segments import options, segments, snapshots

urlpatterns = [
    path("options/<slug:of>/", options.index, name="options"),
    path("segments/", segments.index, name="segments"),
    path("segments/new/", segments.create, name="new_segment"),
    path("segments/<int:pk>/", segments.show, name="segment"),
    path("segments/<int:pk>/edit/", segments.edit, name="edit_segment"),
    path("segments/<int:pk>/delete/", segments.delete, name="delete_segment"),
    path("segments/<int:pk>/snapshot/", snapshots.create, name="snapshot"),
]
