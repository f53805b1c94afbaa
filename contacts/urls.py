"""Workspace pages of this app, below /w/<workspace>/contacts/."""

from django.urls import path

from contacts.views import contacts, forecasts, imports, tags

app_name = "contacts"
urlpatterns = [
    path("", contacts.index, name="index"),
    path("new/", contacts.create, name="new"),
    path("<int:pk>/", contacts.show, name="show"),
    path("<int:pk>/edit/", contacts.edit, name="edit"),
    path("<int:pk>/delete/", contacts.delete, name="delete"),
    path("<int:pk>/restore/", contacts.restore, name="restore"),
    path("<int:pk>/unsubscribe/", contacts.unsubscribe, name="unsubscribe"),
    path("tags/", tags.index, name="tags"),
    path("tags/<int:pk>/delete/", tags.delete, name="delete_tag"),
    path("imports/", imports.index, name="imports"),
    path("imports/new/", imports.create, name="new_import"),
    path("imports/<int:pk>/", imports.show, name="import"),
    path("imports/<int:pk>/forecast/", forecasts.show, name="forecast"),
    path("imports/<int:pk>/forecast/new/", forecasts.create, name="new_forecast"),
    path("imports/<int:pk>/undo/", imports.undo, name="undo_import"),
    path("imports/<int:pk>/start/", imports.start, name="start_import"),
    path("imports/<int:pk>/delete/", imports.delete, name="delete_import"),
    path("imports/<int:pk>/rejected.csv", imports.rejected, name="rejected"),
]
