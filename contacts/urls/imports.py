"""Addresses of imports."""

from django.urls import path

from contacts.views.imports import forecasts, formats, imports, notes, records, rejected_rows, segments

urlpatterns = [
    path("imports/", imports.index, name="imports"),
    path("imports/new/", imports.create, name="new_import"),
    path("imports/<int:pk>/", imports.show, name="import"),
    path("imports/<int:pk>/reading/", formats.update, name="import_reading"),
    path("imports/<int:pk>/forecast/", forecasts.show, name="forecast"),
    path("imports/<int:pk>/forecast/new/", forecasts.create, name="new_forecast"),
    path("imports/<int:pk>/undo/", imports.undo, name="undo_import"),
    path("imports/<int:pk>/start/", imports.start, name="start_import"),
    path("imports/<int:pk>/delete/", imports.delete, name="delete_import"),
    path("imports/<int:pk>/notes.csv", notes.download, name="import_notes"),
    path("imports/<int:pk>/result/", records.result, name="import_result"),
    path("imports/<int:pk>/contacts/", records.contacts, name="imported"),
    path("imports/<int:pk>/segment/", segments.create, name="segment_of_import"),
    path("imports/<int:pk>/rejected.csv", rejected_rows.show, name="rejected"),
]
