"""Addresses of contacts, what is done to them, and companies."""

from django.urls import path

from contacts.views.people import (
    bulk_actions,
    companies,
    contacts,
    duplicates,
    events,
    key_contacts,
    list_health,
    mergers,
    notes,
    timelines,
)

urlpatterns = [
    path("", contacts.index, name="index"),
    path("new/", contacts.create, name="new"),
    path("<int:pk>/", contacts.show, name="show"),
    path("<int:pk>/edit/", contacts.edit, name="edit"),
    path("<int:pk>/delete/", contacts.delete, name="delete"),
    path("<int:pk>/restore/", contacts.restore, name="restore"),
    path("<int:pk>/unsubscribe/", contacts.unsubscribe, name="unsubscribe"),
    path("<int:pk>/timeline/", timelines.show, name="timeline"),
    path("<int:pk>/notes/", notes.create, name="new_note"),
    path("<int:pk>/notes/<int:note>/delete/", notes.delete, name="delete_note"),
    path("<int:pk>/merge/", mergers.create, name="merge"),
    path("events/", events.index, name="events"),
    path("events/<int:pk>/delete/", events.delete, name="delete_event"),
    path("health/", list_health.index, name="health"),
    path("health/segment/", list_health.segment, name="inactive_segment"),
    path("duplicates/", duplicates.index, name="duplicates"),
    path("bulk/new/", bulk_actions.create, name="new_bulk_action"),
    path("bulk/<int:pk>/", bulk_actions.show, name="bulk_action"),
    path("bulk/<int:pk>/resume/", bulk_actions.resume, name="resume_bulk_action"),
    path("companies/", companies.index, name="companies"),
    path("companies/new/", companies.create, name="new_company"),
    path("companies/<int:pk>/", companies.show, name="company"),
    path("companies/<int:pk>/edit/", companies.edit, name="edit_company"),
    path("companies/<int:pk>/delete/", companies.delete, name="delete_company"),
    path("companies/<int:pk>/people/<int:contact>/", key_contacts.create, name="new_key_contact"),
    path("companies/<int:pk>/people/<int:contact>/role/", key_contacts.edit, name="edit_key_contact"),
    path("companies/<int:pk>/people/<int:contact>/delete/", key_contacts.delete, name="delete_key_contact"),
]
