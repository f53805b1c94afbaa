from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.discarding import discard
from contacts.forms.groups.groups import TagForm, TagMergeForm
from contacts.groups import capped_counts, tagging
from contacts.models import BulkAction, ContactTag, Tag
from contacts.people import bulk_actions
from kernel.http import back_to
from kernel.pagination import paginate


@access("contacts.view")
def index(request):
    words = request.GET.get("q", "").replace("\0", "").strip()[:60]
    tags = Tag.objects.present()
    if words:
        tags = tags.filter(name__icontains=words)
    page = paginate(tags, order="name", cursor=request.GET.get("cursor"))
    context = {"page": page, "sizes": capped_counts.of(ContactTag, [tag.pk for tag in page.rows]), "q": words}
    return render(
        request, "contacts/groups/tags/index.html#rows" if request.htmx else "contacts/groups/tags/index.html", context
    )


@access("contacts.edit")
def create(request):
    form = TagForm(request.POST or None)
    if request.method == "POST" and form.saved():
        audit.record(request, "tag.created", form.instance)
        messages.success(request, _("Tag created."))
        return back_to(request, "contacts:tags")
    return render(request, "contacts/groups/tags/form.html", {"form": form})


@access("contacts.edit")
def edit(request, pk):
    tag = get_object_or_404(Tag.objects.present(), pk=pk)
    form = TagForm(request.POST or None, instance=tag)
    if request.method == "POST" and form.saved():
        audit.record(request, "tag.renamed", tag)
        messages.success(request, _("Tag renamed everywhere."))
        return back_to(request, "contacts:tags")
    context = {
        "form": form,
        "tag": tag,
        "merge_form": TagMergeForm(tag=tag),
        "size": capped_counts.of(ContactTag, [pk])[pk],
    }
    return render(request, "contacts/groups/tags/form.html", context)


@require_POST
@access("contacts.delete")
def merge(request, pk):
    """Two words for one thing become one word."""
    tag = get_object_or_404(Tag.objects.present(), pk=pk)
    form = TagMergeForm(request.POST, tag=tag)
    if not form.is_valid():
        context = {"form": TagForm(instance=tag), "tag": tag, "merge_form": form}
        return render(
            request, "contacts/groups/tags/form.html", context | {"size": capped_counts.of(ContactTag, [pk])[pk]}
        )
    target = form.cleaned_data["into"]
    audit.record(request, "tag.merged", tag, into=target.pk)
    tagging.follow(request.workspace.pk, tag.pk, target.pk, gone=False)
    bulk_actions.start(request, BulkAction.Verb.MERGE_TAG, {"tag": tag.pk, "name": tag.name}, target_id=target.pk)
    messages.success(request, _("The tags are being merged. This can take a moment."))
    return back_to(request, "contacts:tags")


@require_POST
@access("contacts.delete")
def delete(request, pk):
    """The word is seen on nobody any more; nobody is deleted."""
    tag = get_object_or_404(Tag.objects.present(), pk=pk)
    if discard(request, tag, "tag.deleted", _("Tag deleted. Its contacts are kept.")):
        return back_to(request, "contacts:tags")
    return back_to(request, "contacts:edit_tag", pk=pk)
