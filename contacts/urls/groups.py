"""Addresses of lists and tags."""

from django.urls import path

from contacts.views.groups import choices, list_members, lists, tags

urlpatterns = [
    path("choices/", choices.index, name="choices"),
    path("lists/", lists.index, name="lists"),
    path("lists/new/", lists.create, name="new_list"),
    path("lists/<int:pk>/", lists.show, name="list"),
    path("lists/<int:pk>/edit/", lists.edit, name="edit_list"),
    path("lists/<int:pk>/delete/", lists.delete, name="delete_list"),
    path("lists/<int:pk>/members/", list_members.create, name="new_list_members"),
    path("lists/<int:pk>/members/<int:contact>/delete/", list_members.delete, name="delete_list_member"),
    path("tags/", tags.index, name="tags"),
    path("tags/new/", tags.create, name="new_tag"),
    path("tags/<int:pk>/edit/", tags.edit, name="edit_tag"),
    path("tags/<int:pk>/merge/", tags.merge, name="merge_tag"),
    path("tags/<int:pk>/delete/", tags.delete, name="delete_tag"),
]
