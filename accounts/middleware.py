"""From the address to the workspace: membership or 404, then the scope, for the rest of the request."""

import re

from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import Http404
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import redirect
from django.utils import timezone, translation

from accounts import actors
from accounts.models import Membership, Workspace
from kernel.links import workspace_url
from kernel.tenancy import scope

PREFIX = re.compile(r"^/w/([-\w]+)/")


class ReaderLanguage(LocaleMiddleware):
    """The signed-in person's language; for others the cookie's or the browser's."""

    def process_request(self, request):
        if request.user.is_authenticated and request.user.language:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = request.user.language
        else:
            super().process_request(request)


class EnterWorkspace:
    """Under /w/<slug>/: find the membership (404 for a stranger, never 403), then run the view inside the scope.

    The scope is one transaction. Exceptions become responses below this middleware, so it is told of them by
    process_exception and rolls back.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        match = PREFIX.match(request.path_info)
        if not match:
            return self.get_response(request)
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        found = Membership.objects.select_related("workspace", "user").filter(
            workspace__slug=match[1], user=request.user
        )
        request.membership = found.first()
        if request.membership is None:
            # The resolver still runs, so that the answer is the product's own 404 page.
            request.membership = None
            return self.get_response(request)
        request.workspace = request.membership.workspace
        request.actor = actors.of_request(request)
        elsewhere = self._unfinished_onboarding(request)
        if elsewhere:
            return redirect(elsewhere)
        with timezone.override(request.workspace.zone), scope(request.workspace):
            return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        """Views do not take the slug: request.workspace is there."""
        if PREFIX.match(request.path_info):
            if getattr(request, "membership", None) is None:
                raise Http404
            kwargs.pop("workspace", None)

    def process_exception(self, request, exception):
        if getattr(request, "workspace", None) is not None:
            transaction.set_rollback(True)

    @staticmethod
    def _unfinished_onboarding(request) -> str | None:
        step = request.workspace.onboarding
        if step == Workspace.Step.DONE or request.method != "GET" or "/welcome/" in request.path_info:
            return None
        return workspace_url(request.workspace, f"welcome:{step}")
