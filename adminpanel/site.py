"""The admin site: behind allauth's log-in (second factors included), seeing across workspaces."""

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _

from adminpanel import sending_health
from delivery.models import Deployment
from kernel.tenancy import across_workspaces


class Site(AdminSite):
    site_header = "Fanfare"
    site_title = "Fanfare"
    index_title = _("Operations")

    def admin_view(self, view, cacheable=False):
        inner = super().admin_view(view, cacheable)

        def seeing_all(request, *args, **kwargs):
            with across_workspaces("platform staff run the platform from the admin"):
                response = inner(request, *args, **kwargs)
                # Changelists render late; their queries belong inside, too.
                return response.render() if hasattr(response, "render") and not response.is_rendered else response

        seeing_all.access_rule = "operator"
        return seeing_all

    def each_context(self, request):
        return super().each_context(request) | {"held": Deployment.banner()}

    def get_urls(self):
        return [path("sending/", self.admin_view(self.sending), name="sending_health"), *super().get_urls()]

    def sending(self, request):
        context = {**self.each_context(request), "title": _("Sending"), **sending_health.read()}
        return render(request, "adminpanel/sending.html", context)

    def login(self, request, extra_context=None):
        return secure_admin_login(super().login)(request, extra_context)
