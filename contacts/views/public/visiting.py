"""What the pages for visitors share: no cookie, no session, no cache; GET and HEAD change nothing; small bodies."""

from functools import wraps
from urllib.parse import urlsplit

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.models import Workspace
from contacts.signups.signing_up import Visit
from kernel.http import client_address, public
from kernel.links import BadToken, read_ids

MOST_BYTES = 100_000


def for_visitors(view):
    """A public view. Its POST carries a token of ours in the address and no cookie, so there is nothing to forge: a
    stranger's page can send what a stranger could send anyway."""

    @wraps(view)
    def visited(request, *args, **kwargs):
        if _length(request) > MOST_BYTES:
            return HttpResponse(
                _("This is too long. Shorten your answers."), status=413, content_type="text/plain; charset=utf-8"
            )
        # Whatever the header claims: a codec that is none of text would break the parser, and browsers send UTF-8.
        request.encoding = "utf-8"
        return view(request, *args, **kwargs)

    return csrf_exempt(public(require_http_methods(["GET", "HEAD", "POST"])(never_cache(visited))))


def _length(request) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def read_token(purpose: str, token: str, size: int) -> tuple[int, ...]:
    """The ids of a token; 404 for anything else."""
    try:
        ids = read_ids(purpose, token)
    except BadToken:
        raise Http404 from None
    if len(ids) != size:
        raise Http404
    return ids


def workspace_of(workspace_id: int) -> Workspace:
    workspace = Workspace.objects.filter(pk=workspace_id).first()
    if workspace is None:
        raise Http404
    return workspace


def visit(request, page: str = "") -> Visit:
    return Visit(page=page, address=client_address(request), user_agent=request.headers.get("user-agent", "")[:300])


def page_of(request) -> str:
    """The page the form stood on: carried along by the form itself, else where the browser says it comes from."""
    for text in (request.POST.get("page", ""), request.headers.get("referer", "")):
        if _is_address(text):
            return text[:300]
    return ""


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and text.isprintable()


def frameable(response):
    """Any site may show this page in a frame."""
    response.xframe_options_exempt = True
    response._csp_replace = {"frame-ancestors": ["*"]}
    return response


def allow(response, sources: dict[str, list[str]]):
    """Add sources to the page's policy, by directive."""
    before = getattr(response, "_csp_update", None) or {}
    response._csp_update = before | {name: [*before.get(name, []), *more] for name, more in sources.items()}
    return response


def may_go_on_to(response, address: str):
    """Browsers hold a form's redirects against form-action, too."""
    parts = urlsplit(address)
    port = f":{parts.port}" if parts.port else ""
    return allow(response, {"form-action": [f"{parts.scheme}://{parts.hostname}{port}"]})


def told(request, workspace, *, title: str, text: str = "", status: int = 200, **context):
    """A page that only says something."""
    context = {"sender": workspace, "title": title, "text": text, **context}
    return render(request, "contacts/public/told.html", context, status=status)
