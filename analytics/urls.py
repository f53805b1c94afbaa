"""Workspace pages of this app, below /w/<workspace>/reports/."""

from django.urls import path

from analytics.views import campaigns

app_name = "reports"
urlpatterns = [
    path("campaigns/<int:pk>/", campaigns.report, name="campaign"),
    path("campaigns/<int:pk>/recipients/", campaigns.list_recipients, name="recipients"),
    path("campaigns/<int:pk>/recipients/export/", campaigns.export, name="export"),
]
