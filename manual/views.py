from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access import signed_in
from manual import pages


@signed_in
def page(request: HttpRequest, slug: str = pages.INDEX) -> HttpResponse:
    found = pages.find(slug)
    if found is None:
        raise Http404
    return render(request, "manual/page.html", {"page": found, "is_index": slug == pages.INDEX})
