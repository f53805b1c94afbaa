from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.discarding import discard_on_page
from accounts.requests import WorkspaceRequest
from contacts.forms.consent.topic import TopicForm
from contacts.models import Topic
from kernel.edit_conflicts import locked_for_saving
from kernel.http import back_to


@access("contacts.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    return render(request, "contacts/consent/topics/index.html", {"topics": Topic.objects.present()[:200]})


@access("contacts.edit")
def create(request: WorkspaceRequest) -> HttpResponse:
    form = TopicForm(request.POST or None, initial={"position": 0})
    if request.method == "POST" and form.saved():
        audit.record(request.actor, "topic.created", form.instance)
        messages.success(request, _("Topic created."))
        return back_to(request, "contacts:topics")
    return render(request, "contacts/consent/topics/form.html", {"form": form})


@access("contacts.edit")
def edit(request: WorkspaceRequest, pk: int) -> HttpResponse:
    topic = get_object_or_404(locked_for_saving(request, Topic.objects.present()), pk=pk)
    form = TopicForm(request.POST or None, instance=topic)
    if request.method == "POST" and form.saved():
        audit.record(request.actor, "topic.changed", topic, fields=form.changed_data)
        messages.success(request, _("Topic saved."))
        return back_to(request, "contacts:topics")
    return render(request, "contacts/consent/topics/form.html", {"form": form, "topic": topic})


@require_POST
@access("contacts.delete")
def delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The topic is no longer offered; the choices people made stay on record."""
    topic = get_object_or_404(Topic.objects.present(), pk=pk)
    discard_on_page(request, topic, "topic.deleted", _("Topic deleted. The choices people made are kept as proof."))
    return back_to(request, "contacts:topics")
