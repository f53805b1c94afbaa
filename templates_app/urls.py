"""Workspace pages of this app, below /w/<workspace>/templates/."""

from django.urls import path

from templates_app.views import previews, templates

app_name = "templates"
urlpatterns = [
    path("", templates.index, name="index"),
    path("new/", templates.create, name="new"),
    path("<int:pk>/", templates.show, name="show"),
    path("<int:pk>/edit/", templates.edit, name="edit"),
    path("<int:pk>/duplicate/", templates.duplicate, name="duplicate"),
    path("<int:pk>/delete/", templates.delete, name="delete"),
    path("previews/people/", previews.people, name="preview_people"),
    path("previews/merge-tags/", previews.merge_tags, name="merge_tags"),
    path("<int:pk>/preview.html", previews.html, name="preview_html"),
    path("<int:pk>/preview.txt", previews.text, name="preview_text"),
]
