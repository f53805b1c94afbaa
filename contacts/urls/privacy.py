"""Addresses of what the law gives a person."""

from django.urls import path

from contacts.views.privacy import rights
from contacts.views.public import rights as visitor_rights

urlpatterns = [
    path("<int:pk>/receipt.json", rights.receipt_json, name="receipt_json"),
    path("<int:pk>/receipt.pdf", rights.receipt_as_pdf, name="receipt_pdf"),
    path("<int:pk>/person.json", rights.data_json, name="person_json"),
    path("<int:pk>/person.zip", rights.data_zip, name="person_zip"),
    path("<int:pk>/erase/", rights.erase, name="erase"),
]

public_urlpatterns = [
    path("p/rights/<str:token>/", visitor_rights.show, name="visitor_rights"),
]
