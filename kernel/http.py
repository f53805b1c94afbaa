"""What views share: how they say who may call them, and how they answer."""

from __future__ import annotations

import contextlib
import ipaddress
import logging
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Protocol

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import Resolver404, resolve

from kernel.links import HasSlug, workspace_url

log = logging.getLogger("fanfare.web")

View = Callable[..., HttpResponseBase]


class InWorkspace(Protocol):
    """A request below /w/<workspace>/, as far as this layer knows it: see accounts.requests.WorkspaceRequest."""

    @property
    def workspace(self) -> HasSlug: ...


def public(view: View) -> View:
    """Anyone may call this view. Every view says who may; a census test finds those that do not."""
    return with_rule(view, "public")


def with_rule(view: View, rule: str) -> View:
    """Note on the view itself who may call it: a permission, "public", "signed_in" or "operator"."""
    view.access_rule = rule  # type: ignore[attr-defined]  # functions take attributes, their type does not know them
    return view


def own_transactions(view: View) -> View:
    """Run this view of a workspace's page in no transaction, for a POST that talks to another server: neither locked
    rows nor a connection in a transaction must wait until that server answers. The view opens `kernel.tenancy.scope`
    for each of its steps, and none of them is open while it waits."""
    view.has_own_transactions = True  # type: ignore[attr-defined]  # as above
    return view


def has_own_transactions(path: str) -> bool:
    """Whether the view at this address opens its transactions itself."""
    try:
        return getattr(resolve(path).func, "has_own_transactions", False)
    except Resolver404:
        return False


def back_to(request: InWorkspace, name: str, **kwargs) -> HttpResponse:
    """Redirect to a page of the request's workspace."""
    return redirect(workspace_url(request.workspace, name, **kwargs))


def client_address(request: HttpRequest) -> str | None:
    """The IP address that the request came from, for audit entries and consent evidence. None for a request through a
    Unix socket where no proxy is trusted: nothing tells where it came from."""
    return address_in(request.META)


def address_in(environ: Mapping[str, Any]) -> str | None:
    """client_address of a request's WSGI environment.

    Behind TRUSTED_PROXIES proxies it is that entry of X-Forwarded-For, counted from the right. The visitor may have
    written the entries further left.
    """
    hops = settings.TRUSTED_PROXIES
    forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")
    chain = [part.strip() for part in forwarded.split(",")]
    if forwarded and not hops:
        _warn_about_proxy()
    if hops and len(chain) >= hops:
        with contextlib.suppress(ValueError):
            return str(ipaddress.ip_address(chain[-hops]))
    return environ.get("REMOTE_ADDR") or None


@cache
def _warn_about_proxy() -> None:
    """Once in a process: where the proxy is the operator's own, all visitors share its address and its limits."""
    log.warning(
        "A request has X-Forwarded-For, but TRUSTED_PROXIES is 0. Behind a proxy, limits and log-ins then count all "
        "visitors as one: set TRUSTED_PROXIES to the number of your proxies."
    )
