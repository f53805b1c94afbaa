"""Find the workspace from the address: membership or 404, then the scope for the rest of the request."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import redirect
from django.utils import timezone, translation

from accounts import actors, switching
from accounts.models import Membership, Workspace
from kernel.causes import caused_by
from kernel.http import has_own_transactions
from kernel.links import workspace_url
from kernel.tenancy import scope

PREFIX = re.compile(r"^/w/([-\w]+)/")


class ReaderLanguage(LocaleMiddleware):
    """The language of the signed-in person; for other visitors that of the cookie or the browser."""

    def process_request(self, request: Any) -> None:
        if request.user.is_authenticated and request.user.language:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = request.user.language
        else:
            super().process_request(request)


class EnterWorkspace:
    """Under /w/<slug>/: find the membership, then run the view inside the scope.

    People who are not members get 404 and never 403, which would tell them that the workspace exists. The scope is one
    transaction, unless the view has its own (`kernel.http.own_transactions`). Django turns exceptions into responses
    below this middleware, so the rollback is in process_exception.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        match = PREFIX.match(request.path_info)
        if not match:
            return self.get_response(request)
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        request.membership = self._membership(request, match[1])
        if request.membership is None:
            # The resolver still runs: process_view raises the 404, and the answer is the product's own page.
            return self.get_response(request)
        request.workspace = request.membership.workspace
        request.actor = actors.of_request(request)
        elsewhere = self._unfinished_onboarding(request)
        if elsewhere:
            return redirect(elsewhere)
        with (
            timezone.override(request.workspace.zone),
            caused_by(request.actor.kind, actor_id=request.user.pk),
            self._transaction(request),
        ):
            return self.get_response(request)

    def process_view(self, request: Any, view: Callable, args: tuple, kwargs: dict) -> None:
        """Remove the slug from the view's arguments: views use request.workspace."""
        if PREFIX.match(request.path_info):
            if getattr(request, "membership", None) is None:
                raise Http404
            kwargs.pop("workspace", None)

    def process_exception(self, request: Any, exception: Exception) -> None:
        if getattr(request, "workspace", None) is not None and transaction.get_connection().in_atomic_block:
            transaction.set_rollback(True)

    @staticmethod
    def _membership(request: Any, slug: str) -> Membership | None:
        """The person's membership in this workspace. Who has few gets all by one statement, for the switcher, too."""
        request.first_memberships = switching.first_memberships(request.user)
        for membership in request.first_memberships:
            if membership.workspace.slug == slug:
                return membership
        if len(request.first_memberships) <= switching.FEW:
            return None
        mine = Membership.objects.select_related("workspace", "user").filter(user=request.user)
        return mine.filter(workspace__slug=slug).first()

    @staticmethod
    def _transaction(request: Any) -> AbstractContextManager[None]:
        """The scope around the view. Only a form may have its own, so that no page looks its address up twice."""
        if request.method == "POST" and has_own_transactions(request.path_info):
            return nullcontext()
        return scope(request.workspace)

    @staticmethod
    def _unfinished_onboarding(request: Any) -> str | None:
        step = request.workspace.onboarding
        if step == Workspace.Step.DONE or request.method != "GET" or "/welcome/" in request.path_info:
            return None
        return workspace_url(request.workspace, f"welcome:{step}")
