from django.contrib import messages
from django.db.models import Count
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from contacts.models import Tag
from kernel.http import back_to


@access("contacts.view")
def index(request):
    return render(request, "contacts/tags/index.html", {"tags": Tag.objects.annotate(size=Count("contacttag"))[:1000]})


@require_POST
@access("contacts.delete")
def delete(request, pk):
    """Take the word off everyone; nobody is deleted."""
    tag = get_object_or_404(Tag, pk=pk)
    audit.record(request, "tag.deleted", tag)
    tag.delete()
    messages.success(request, _("Tag deleted. The contacts are still there."))
    return back_to(request, "contacts:tags")
