from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.discarding import discard_on_page
from accounts.requests import WorkspaceRequest
from contacts.forms.groups.groups import TagForm, TagMergeForm
from contacts.groups import capped_counts, tagging
from contacts.models import BulkAction, ContactTag, Tag
from contacts.people import bulk_actions
from kernel import parameters
from kernel.edit_conflicts import locked_for_saving
from kernel.http import back_to
from kernel.pagination import paginate


@access("contacts.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    query = parameters.text(request.GET, "q", 60)
    tags = Tag.objects.present()
    if query:
        tags = tags.filter(name__icontains=query)
    page = paginate(tags, order="name", cursor=parameters.cursor(request.GET))
    context = {"page": page, "sizes": capped_counts.of(ContactTag, [tag.pk for tag in page.rows]), "q": query}
    return render(
        request, "contacts/groups/tags/index.html#rows" if request.htmx else "contacts/groups/tags/index.html", context
    )


@access("contacts.edit")
def create(request: WorkspaceRequest) -> HttpResponse:
    form = TagForm(request.POST or None)
    if request.method == "POST" and form.saved():
        audit.record(request.actor, "tag.created", form.instance)
        messages.success(request, _("Tag created."))
        return back_to(request, "contacts:tags")
    return render(request, "contacts/groups/tags/form.html", {"form": form})


@access("contacts.edit")
def edit(request: WorkspaceRequest, pk: int) -> HttpResponse:
    tag = get_object_or_404(locked_for_saving(request, Tag.objects.present()), pk=pk)
    form = TagForm(request.POST or None, instance=tag)
    if request.method == "POST" and form.saved():
        audit.record(request.actor, "tag.renamed", tag)
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
def merge(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Merge the tag into another one."""
    tag = get_object_or_404(Tag.objects.present(), pk=pk)
    form = TagMergeForm(request.POST, tag=tag)
    if not form.is_valid():
        context = {"form": TagForm(instance=tag), "tag": tag, "merge_form": form}
        return render(
            request, "contacts/groups/tags/form.html", context | {"size": capped_counts.of(ContactTag, [pk])[pk]}
        )
    target = form.cleaned_data["into"]
    audit.record(request.actor, "tag.merged", tag, into=target.pk)
    tagging.follow(request.workspace.pk, tag.pk, target.pk, gone=False)
    bulk_actions.start(request.actor, BulkAction.Verb.MERGE_TAG, {"tag": tag.pk, "name": tag.name}, target_id=target.pk)
    messages.success(request, _("The tags are being merged. This can take a moment."))
    return back_to(request, "contacts:tags")


@require_POST
@access("contacts.delete")
def delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Delete the tag; the contacts that have it stay."""
    tag = get_object_or_404(Tag.objects.present(), pk=pk)
    if discard_on_page(request, tag, "tag.deleted", _("Tag deleted. Its contacts are kept.")):
        return back_to(request, "contacts:tags")
    return back_to(request, "contacts:edit_tag", pk=pk)
