from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.models import Job
from accounts.requests import WorkspaceRequest
from contacts.forms.people.bulk_action import BulkActionForm
from contacts.groups import capped_counts
from contacts.models import BulkAction
from contacts.people import bulk_actions
from contacts.people.filtering import DELETED, ContactFilter
from kernel import parameters
from kernel.http import back_to
from kernel.jobs import enqueue

MAX_SELECTED = 500


@access("contacts.edit")
def create(request: WorkspaceRequest) -> HttpResponse:
    """Choose an action for the contacts in the query string: a selection (id=1&id=2), or all=1 with a filter."""
    about = _scope(request)
    if about is None:
        messages.error(request, _("Select contacts first. Deleted contacts have to be restored first."))
        return back_to(request, "contacts:index")
    may_delete = request.membership.may("contacts.delete")
    form = BulkActionForm(request.POST or None, may_delete=may_delete)
    if request.method == "POST" and form.is_valid():
        return _start(request, form, about)
    # As the engine, which may use the index of words; the job does the same.
    n, more = capped_counts.count(bulk_actions.people(about, request.workspace.pk).using("engine"))
    context = {"form": form, "n": n, "more": more, "is_filter": "filter" in about}
    return render(request, "contacts/people/bulk_actions/form.html", context)


def _scope(request: WorkspaceRequest) -> dict | None:
    """The contacts as BulkAction.scope; None where there are none. Deleted contacts can't be changed."""
    if "all" in request.GET:
        chosen = ContactFilter.read(request.GET, country=request.workspace.country)
        return None if chosen.status == DELETED else {"filter": chosen.data()}
    ids = parameters.numbers(request.GET, "id", MAX_SELECTED)
    return {"ids": ids} if ids else None


def _start(request: WorkspaceRequest, form: BulkActionForm, about: dict) -> HttpResponse:
    verb, target = form.cleaned_data["verb"], form.cleaned_data.get("target")
    if verb == BulkAction.Verb.DELETE and not request.membership.may("contacts.delete"):
        raise PermissionDenied("contacts.delete")
    if target is not None:
        about |= {"name": target.name}
    action = bulk_actions.start(request.actor, verb, about, target_id=target.pk if target else None)
    audit.record(request.actor, f"bulk.{verb}", action, target=action.target_id, over=next(iter(about)))
    if action.finished_at is None:
        messages.success(request, _("Started. You can keep working while it runs."))
        return back_to(request, "contacts:bulk_action", pk=action.pk)
    text = ngettext("Done: %(n)d contact changed.", "Done: %(n)d contacts changed.", action.changed)
    messages.success(request, text % {"n": action.changed})
    return back_to(request, "contacts:index")


@access("contacts.view")
def show(request: WorkspaceRequest, pk: int) -> HttpResponse:
    action = get_object_or_404(BulkAction.objects.select_related("job", "asked_by"), pk=pk)
    return render(
        request, "contacts/people/bulk_actions/show.html", {"action": action, "title": bulk_actions.describe(action)}
    )


@require_POST
@access("contacts.edit")
def resume(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Continue an action that an error stopped."""
    action = get_object_or_404(BulkAction.objects.select_related("job"), pk=pk, finished_at=None)
    if action.job and action.job.state == Job.State.FAILED:
        if action.verb in bulk_actions.NEEDS_DELETE and not request.membership.may("contacts.delete"):
            raise PermissionDenied("contacts.delete")
        action.job.progress(action.seen)
        audit.record(request.actor, "bulk.resumed", action)
        enqueue("contacts.act_in_bulk", workspace_id=request.workspace.pk, action_id=action.pk)
    return back_to(request, "contacts:bulk_action", pk=pk)
