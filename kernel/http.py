"""What views share: how they say who may call them, and how they answer."""

import contextlib
import ipaddress

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from kernel.links import workspace_url


def public(view):
    """Anyone may call this view. Every view says who may; a census test finds those that do not."""
    view.access_rule = "public"
    return view


def back_to(request: HttpRequest, name: str, **kwargs) -> HttpResponse:
    """Redirect to a page of the request's workspace."""
    return redirect(workspace_url(request.workspace, name, **kwargs))


def client_address(request: HttpRequest) -> str | None:
    """The address the request came from, for audit entries and consent evidence.

    Behind TRUSTED_PROXIES proxies it is that entry of X-Forwarded-For, counted from the right: what stands further left
    the visitor may have written there.
    """
    hops = settings.TRUSTED_PROXIES
    chain = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if hops and len(chain) >= hops:
        with contextlib.suppress(ValueError):
            return str(ipaddress.ip_address(chain[-hops]))
    return request.META.get("REMOTE_ADDR") or None
