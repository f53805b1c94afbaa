from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from adminpanel import health
from kernel.http import public


@public
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the web process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@public
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """503 if something is down. It gives names of checks and no details, because anyone may ask."""
    findings = health.check_all()
    status = 200 if all(finding.ok for finding in findings) else 503
    return JsonResponse({finding.name: "ok" if finding.ok else "down" for finding in findings}, status=status)
