"""Addresses of sign-up forms."""

from django.urls import path

from contacts.views.public import signups
from contacts.views.signups import forms

urlpatterns = [
    path("forms/", forms.index, name="forms"),
    path("forms/new/", forms.create, name="new_form"),
    path("forms/<int:pk>/", forms.show, name="form"),
    path("forms/<int:pk>/edit/", forms.edit, name="edit_form"),
    path("forms/<int:pk>/opening/", forms.opening, name="form_opening"),
    path("forms/<int:pk>/delete/", forms.delete, name="delete_form"),
    path("forms/<int:pk>/preview/", forms.preview, name="form_preview"),
]

public_urlpatterns = [
    path("f/confirm/<str:token>/", signups.confirm, name="confirm"),
    path("f/<str:token>/", signups.show, name="form"),
    path("f/<str:token>/embed/", signups.embed, name="form_embed"),
]
