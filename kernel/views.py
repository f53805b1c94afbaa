"""Pages for what went wrong before a view was reached."""

from django.http import HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string

from kernel.http import public


@public
def csrf_failure(request, reason=""):
    return render(request, "403_csrf.html", status=403)


@public
def not_found(request, exception=None):
    return render(request, "404.html", status=404)


@public
def forbidden(request, exception=None):
    return render(request, "403.html", status=403)


@public
def server_error(request):
    """Rendered without context: whatever broke may break the frame of the page, too."""
    return HttpResponseServerError(render_to_string("500.html"))
