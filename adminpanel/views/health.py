from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from adminpanel import health
from kernel.http import public


@public
@never_cache
def healthz(request):
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@public
@never_cache
def readyz(request):
    """503 where something is down; names, never details: anyone may ask."""
    findings = health.check_all()
    status = 200 if all(finding.ok for finding in findings) else 503
    return JsonResponse({finding.name: "ok" if finding.ok else "down" for finding in findings}, status=status)
