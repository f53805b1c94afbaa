"""Error pages, for requests that fail before or inside a view."""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string

from kernel.http import public


@public
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)


@public
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


@public
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


@public
def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request: what broke the view could break the frame of the page, too."""
    return HttpResponseServerError(render_to_string("500.html"))
