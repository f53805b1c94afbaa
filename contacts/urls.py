"""Workspace pages of this app, below /w/<workspace>/contacts/, and the public ones for visitors."""

from django.urls import path

from contacts.views import contacts, forms, imports, tags
from contacts.views.public import preferences, signups

app_name = "contacts"
urlpatterns = [
    path("", contacts.index, name="index"),
    path("new/", contacts.create, name="new"),
    path("<int:pk>/", contacts.show, name="show"),
    path("<int:pk>/edit/", contacts.edit, name="edit"),
    path("<int:pk>/delete/", contacts.delete, name="delete"),
    path("<int:pk>/restore/", contacts.restore, name="restore"),
    path("<int:pk>/unsubscribe/", contacts.unsubscribe, name="unsubscribe"),
    path("forms/", forms.index, name="forms"),
    path("forms/new/", forms.create, name="new_form"),
    path("forms/<int:pk>/", forms.show, name="form"),
    path("forms/<int:pk>/edit/", forms.edit, name="edit_form"),
    path("forms/<int:pk>/opening/", forms.opening, name="form_opening"),
    path("forms/<int:pk>/delete/", forms.delete, name="delete_form"),
    path("forms/<int:pk>/restore/", forms.restore, name="restore_form"),
    path("forms/<int:pk>/preview/", forms.preview, name="form_preview"),
    path("tags/", tags.index, name="tags"),
    path("tags/<int:pk>/delete/", tags.delete, name="delete_tag"),
    path("imports/", imports.index, name="imports"),
    path("imports/new/", imports.create, name="new_import"),
    path("imports/<int:pk>/", imports.show, name="import"),
    path("imports/<int:pk>/start/", imports.start, name="start_import"),
    path("imports/<int:pk>/delete/", imports.delete, name="delete_import"),
    path("imports/<int:pk>/rejected.csv", imports.rejected, name="rejected"),
]

public_urlpatterns = [
    path("f/confirm/<str:token>/", signups.confirm, name="confirm"),
    path("f/<str:token>/", signups.show, name="form"),
    path("f/<str:token>/embed/", signups.embed, name="form_embed"),
    path("p/find/<str:token>/", preferences.find, name="find_preferences"),
    path("p/<str:token>/", preferences.show, name="preferences"),
]
