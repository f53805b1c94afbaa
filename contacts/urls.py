"""Workspace pages of this app, below /w/<workspace>/contacts/."""

from django.urls import path

from contacts.views import blocked_domains, contacts, exports, imports, rights, suppressions, tags

app_name = "contacts"
urlpatterns = [
    path("", contacts.index, name="index"),
    path("new/", contacts.create, name="new"),
    path("<int:pk>/", contacts.show, name="show"),
    path("<int:pk>/edit/", contacts.edit, name="edit"),
    path("<int:pk>/delete/", contacts.delete, name="delete"),
    path("<int:pk>/restore/", contacts.restore, name="restore"),
    path("<int:pk>/unsubscribe/", contacts.unsubscribe, name="unsubscribe"),
    path("<int:pk>/receipt.json", rights.receipt_json, name="receipt_json"),
    path("<int:pk>/receipt.pdf", rights.receipt_as_pdf, name="receipt_pdf"),
    path("<int:pk>/person.json", rights.data_json, name="person_json"),
    path("<int:pk>/person.zip", rights.data_zip, name="person_zip"),
    path("<int:pk>/erase/", rights.erase, name="erase"),
    path("tags/", tags.index, name="tags"),
    path("tags/<int:pk>/delete/", tags.delete, name="delete_tag"),
    path("imports/", imports.index, name="imports"),
    path("imports/new/", imports.create, name="new_import"),
    path("imports/<int:pk>/", imports.show, name="import"),
    path("imports/<int:pk>/start/", imports.start, name="start_import"),
    path("imports/<int:pk>/delete/", imports.delete, name="delete_import"),
    path("imports/<int:pk>/rejected.csv", imports.rejected, name="rejected"),
    path("exports/", exports.index, name="exports"),
    path("exports/new/", exports.create, name="new_export"),
    path("exports/new/workspace/", exports.whole, name="new_workspace_export"),
    path("exports/<int:pk>/", exports.show, name="export"),
    path("exports/<int:pk>/download/", exports.download, name="download_export"),
    path("exports/<int:pk>/delete/", exports.delete, name="delete_export"),
    path("suppression/", suppressions.index, name="suppressions"),
    path("suppression/new/", suppressions.create, name="new_suppression"),
    path("suppression/export/", exports.suppressions, name="export_suppressions"),
    path("suppression/<int:pk>/delete/", suppressions.delete, name="delete_suppression"),
    path("suppression/domains/", blocked_domains.index, name="blocked_domains"),
    path("suppression/domains/new/", blocked_domains.create, name="new_blocked_domain"),
    path("suppression/domains/<int:pk>/delete/", blocked_domains.delete, name="delete_blocked_domain"),
]
