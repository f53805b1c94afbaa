from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.discarding import discard
from contacts.forms.consent.topic import TopicForm
from contacts.models import Topic
from kernel.http import back_to


@access("contacts.view")
def index(request):
    return render(request, "contacts/consent/topics/index.html", {"topics": Topic.objects.present()[:200]})


@access("contacts.edit")
def create(request):
    form = TopicForm(request.POST or None, initial={"position": 0})
    if request.method == "POST" and form.saved():
        audit.record(request, "topic.created", form.instance)
        messages.success(request, _("Topic created."))
        return back_to(request, "contacts:topics")
    return render(request, "contacts/consent/topics/form.html", {"form": form})


@access("contacts.edit")
def edit(request, pk):
    topic = get_object_or_404(Topic.objects.present(), pk=pk)
    form = TopicForm(request.POST or None, instance=topic)
    if request.method == "POST" and form.saved():
        audit.record(request, "topic.changed", topic, fields=form.changed_data)
        messages.success(request, _("Topic saved."))
        return back_to(request, "contacts:topics")
    return render(request, "contacts/consent/topics/form.html", {"form": form, "topic": topic})


@require_POST
@access("contacts.delete")
def delete(request, pk):
    """Nobody is asked about it any more; what people said stays on record."""
    topic = get_object_or_404(Topic.objects.present(), pk=pk)
    discard(request, topic, "topic.deleted", _("Topic deleted. The choices people made are kept as proof."))
    return back_to(request, "contacts:topics")
