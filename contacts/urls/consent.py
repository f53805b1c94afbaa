"""Addresses of consent, topics and the suppression list."""

from django.urls import path

from contacts.views.consent import blocked_domains, grants, suppressions, topics
from contacts.views.public import preferences

urlpatterns = [
    path("<int:pk>/consent/new/", grants.create, name="new_consent"),
    path("topics/", topics.index, name="topics"),
    path("topics/new/", topics.create, name="new_topic"),
    path("topics/<int:pk>/edit/", topics.edit, name="edit_topic"),
    path("topics/<int:pk>/delete/", topics.delete, name="delete_topic"),
    path("suppression/", suppressions.index, name="suppressions"),
    path("suppression/new/", suppressions.create, name="new_suppression"),
    path("suppression/<int:pk>/delete/", suppressions.delete, name="delete_suppression"),
    path("suppression/domains/", blocked_domains.index, name="blocked_domains"),
    path("suppression/domains/new/", blocked_domains.create, name="new_blocked_domain"),
    path("suppression/domains/<int:pk>/delete/", blocked_domains.delete, name="delete_blocked_domain"),
]

public_urlpatterns = [
    path("p/find/<str:token>/", preferences.find, name="find_preferences"),
    path("p/<str:token>/", preferences.show, name="preferences"),
]
