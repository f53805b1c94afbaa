"""Pages of this app for members, below /w/<workspace>/contacts/, and its public pages for visitors."""

from django.urls import include, path

from contacts.urls import consent, exports, fields, groups, imports, people, privacy, segments, signups

app_name = "contacts"
# Every address matches one pattern only, so the order of the parts does not matter.
urlpatterns = [
    path("", include(part)) for part in (people, groups, fields, consent, segments, signups, privacy, imports, exports)
]
public_urlpatterns = [*signups.public_urlpatterns, *privacy.public_urlpatterns, *consent.public_urlpatterns]
