"""The admin site: behind allauth's log-in with its second factors, with access to all workspaces."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.contrib.admin.options import IncorrectLookupParameters
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext_lazy as _

from accounts import second_factors
from adminpanel import data_retention, sending_health
from delivery.models import Deployment
from kernel.http import with_rule
from kernel.tenancy import across_workspaces


class Site(AdminSite):
    site_header = "Fanfare"
    site_title = "Fanfare"
    index_title = _("Operations")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        inner = super().admin_view(view, cacheable)

        def seeing_all(request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
            if request.user.is_authenticated and second_factors.is_missing(request.user):
                return self.ask_for_second_factor(request)
            with across_workspaces("platform staff run the platform from the admin"):
                try:
                    response: Any = inner(request, *args, **kwargs)
                    # Changelists render later; their queries must run in here, too.
                    return response.render() if hasattr(response, "render") and not response.is_rendered else response
                except IncorrectLookupParameters:
                    # Changelists catch it themselves; exports read the same filters and don't.
                    return redirect(request.path)

        return with_rule(seeing_all, "operator")

    def each_context(self, request: HttpRequest) -> dict:
        return super().each_context(request) | {"held": Deployment.banner()}

    def get_urls(self) -> list:
        return [
            path("sending/", self.admin_view(self.sending), name="sending_health"),
            path("retention/", self.admin_view(self.retention), name="retention"),
            *super().get_urls(),
        ]

    def sending(self, request: HttpRequest) -> HttpResponse:
        context = {**self.each_context(request), "title": _("Sending"), **sending_health.read()}
        return render(request, "adminpanel/sending.html", context)

    def retention(self, request: HttpRequest) -> HttpResponse:
        context = {**self.each_context(request), "title": _("Data retention"), "tables": data_retention.read()}
        return render(request, "adminpanel/retention.html", context)

    def ask_for_second_factor(self, request: HttpRequest) -> HttpResponse:
        """The admin reads and stops all workspaces: a password alone does not open it."""
        return render(request, "adminpanel/second_factor.html", status=403)

    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return secure_admin_login(super().login)(request, extra_context)
