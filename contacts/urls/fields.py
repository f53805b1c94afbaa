"""Addresses of the workspace's own fields."""

from django.urls import path

from contacts.views.fields import fields

urlpatterns = [
    path("fields/", fields.index, name="fields"),
    path("fields/new/", fields.create, name="new_field"),
    path("fields/<int:pk>/edit/", fields.edit, name="edit_field"),
    path("fields/<int:pk>/delete/", fields.delete, name="delete_field"),
]
